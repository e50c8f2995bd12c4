// The program `godwit-server`. Wires its parts by hand and keeps its memory to itself.

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "shared/sodium/sodium_cipher.h"
#include "shared/sodium/sodium_random.h"
#include "sync-server/main/program.h"
#include "sync-server/main/serve.h"
#include "sync-server/main/system_clock.h"

namespace {

/// Keys are in this memory: no core dump, no debugger of another program, no file that others can
/// read.
void keep_to_itself() {
    prctl(PR_SET_DUMPABLE, 0);
    const rlimit nothing{0, 0};
    setrlimit(RLIMIT_CORE, &nothing);
    umask(077);
    std::signal(SIGPIPE, SIG_IGN);
}

/// A push takes and frees megabytes again and again: giving each back to the system and faulting
/// it in anew would cost a tenth of the work, and joining what small pieces leave before every
/// large one a third. What is kept is bounded.
void keep_freed_memory() {
    constexpr int kept_bytes = 32 * 1024 * 1024;
    mallopt(M_MMAP_THRESHOLD, kept_bytes);
    mallopt(M_TRIM_THRESHOLD, kept_bytes);
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MXFAST, 0);
}

int run(int argument_count, char** arguments) {
    using namespace godwit;
    const Result<SodiumCipher> cipher = SodiumCipher::create();
    Result<SodiumRandom> random = SodiumRandom::create();
    if (!cipher || !random) {
        print_refusal(cipher ? random.error() : cipher.error(), false);
        return exit_code_of(ErrorCode::storage_failed);
    }
    const SystemClock wall;
    return run_program(argument_count, arguments, {*cipher, *random, wall});
}

}  // namespace

int main(int argument_count, char** arguments) {
    keep_to_itself();
    keep_freed_memory();
    try {
        return run(argument_count, arguments);
    } catch (const std::exception& fault) {
        // The type alone: what() could quote what it stumbled over.
        std::cerr << "godwit-server ended by " << typeid(fault).name() << '\n';
        return 1;
    }
}
