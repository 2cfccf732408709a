#include <unistd.h>

#include <string_view>

namespace {

/// The first of the instruction sets that this build assumes and the machine lacks, or null.
const char* missing_instructions() noexcept {
    __builtin_cpu_init();
#ifdef __AVX2__
    if (!__builtin_cpu_supports("avx2")) {
        return "AVX2";
    }
#endif
#ifdef __BMI2__
    if (!__builtin_cpu_supports("bmi2")) {
        return "BMI2";
    }
#endif
#ifdef __AVX512BW__
    if (!__builtin_cpu_supports("avx512bw")) {
        return "AVX-512";
    }
#endif
    return nullptr;
}

void say(std::string_view text) noexcept {
    static_cast<void>(::write(STDERR_FILENO, text.data(), text.size()) == 0);
}

/// Ends the program with a line that says what to do, where it would otherwise end with an illegal
/// instruction: before other constructors, which may have some already.
[[gnu::constructor(101)]] void check_processor() noexcept {
    constexpr int kEnvironment = 3;
    if (const char* missing = missing_instructions(); missing != nullptr) {
        say("understudyd: this processor has no ");
        say(missing);
        say(": build for it with meson's -Dmarch, x86-64-v2 for example\n");
        ::_exit(kEnvironment);
    }
}

}  // namespace
