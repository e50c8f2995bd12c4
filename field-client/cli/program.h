/// The native program: arguments in, exit code out.
#pragma once

#include "field-client/cli/app_host/app_file.h"
#include "field-client/replica/host.h"

namespace godwit {

/// 0 done, 1 refused, 2 usage, 3 offline, 4 corrupt.
int exit_code_of(ErrorCode code);

/// A refusal, on standard error: as JSON, or as two plain lines (what, what next).
void print_refusal(const Error& error, bool is_json);

/// Parses the arguments and runs the one command they name. `app`: what `open` shows; empty in a
/// program that was built without.
int run_program(int argument_count, const char* const* arguments, const Host& host,
                AppFiles app = {});

}  // namespace godwit
