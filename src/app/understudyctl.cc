#include <cstdio>

#include "app/ctl_commands.h"
#include "app/ctl_options.h"

int main(int argc, char** argv) {
    const auto options = understudy::app::parse_ctl_options(argc, argv);
    if (!options) {
        const auto& usage = options.error();
        (void)std::fputs(usage.text.c_str(), usage.exit_code == 0 ? stdout : stderr);
        return usage.exit_code;
    }
    return understudy::app::run_ctl(*options, stdout, stderr);
}
