// The native program `godwit`. Wires its parts by hand and keeps its memory to itself.

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <iostream>

#include "field-client/cli/caller.h"
#include "field-client/cli/program.h"
#include "shared/sodium/sodium_cipher.h"
#include "shared/sodium/sodium_random.h"

namespace {

/// Phrases, keys and testimony are in this memory: no core dump, no debugger of another program,
/// no file that others can read.
void keep_to_itself() {
    prctl(PR_SET_DUMPABLE, 0);
    const rlimit nothing{0, 0};
    setrlimit(RLIMIT_CORE, &nothing);
    umask(077);
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

int main(int argument_count, char** arguments) {
    using namespace godwit;
    keep_to_itself();
    // A request may hold a day's work of a whole team: not to be read a character at a time.
    std::ios::sync_with_stdio(false);
    const Result<SodiumCipher> cipher = SodiumCipher::create();
    Result<SodiumRandom> random = SodiumRandom::create();
    if (!cipher || !random) {
        print_refusal(cipher ? random.error() : cipher.error(), false);
        return exit_code_of(ErrorCode::storage_failed);
    }
    const SystemClock clock;
    HttpsTransport transport;
    return run_program(argument_count, arguments,
                       Host{clock, *random, *cipher, transport, {}, "godwit " GODWIT_VERSION},
                       app_files());
}
