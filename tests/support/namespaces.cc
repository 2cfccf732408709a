#include "support/namespaces.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>

namespace understudy::tests {

bool run_command(const std::string& command) {
    // NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): the test's own words, one at a time
    return std::system(command.c_str()) == 0;
}

Namespace::Namespace(const std::string& name) {
    static int count = 0;
    name_ = name + "-" + std::to_string(getpid()) + "-" + std::to_string(count++);
    EXPECT_TRUE(run_command("ip netns add " + name_ + " && ip -n " + name_ + " link set lo up"));
}

Namespace::~Namespace() { EXPECT_TRUE(run_command("ip netns del " + name_)); }

bool Namespace::run(const std::string& command) const {
    return run_command("ip netns exec " + name_ + " " + command);
}

InsideNamespace::InsideNamespace(const Namespace& where)
    : outside_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
    const int inside = open(("/run/netns/" + where.name()).c_str(), O_RDONLY | O_CLOEXEC);
    EXPECT_EQ(setns(inside, CLONE_NEWNET), 0);
    close(inside);
}

InsideNamespace::~InsideNamespace() {
    EXPECT_EQ(setns(outside_, CLONE_NEWNET), 0);
    close(outside_);
}

}  // namespace understudy::tests
