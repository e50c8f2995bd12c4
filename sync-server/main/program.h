/// The program `godwit-server`: arguments in, exit code out.
#pragma once

#include "sync-server/main/setup.h"

namespace godwit {

/// 0 done, 1 refused, 2 usage, 3 offline, 4 corrupt.
int exit_code_of(ErrorCode code);

/// A refusal, on standard error: as JSON, or as two plain lines (what, what next).
void print_refusal(const Error& error, bool is_json);

/// Parses the arguments and runs the one command they name.
int run_program(int argument_count, const char* const* arguments, const Tools& tools);

}  // namespace godwit
