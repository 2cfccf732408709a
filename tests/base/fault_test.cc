#include <gtest/gtest.h>
#include <understudy/base/fault.h>

namespace understudy::base {
namespace {

TEST(Fault, LeavesOutWhatIsUnknown) {
    EXPECT_EQ((Fault{"f", 3, 7, "bad"}.to_string()), "f:3:7: bad");
    EXPECT_EQ((Fault{"f", 3, 0, "bad"}.to_string()), "f:3: bad");
    EXPECT_EQ((Fault{"f", 0, 7, "bad"}.to_string()), "f: bad");
    EXPECT_EQ((Fault{"", 0, 0, "bad"}.to_string()), "bad");
}

}  // namespace
}  // namespace understudy::base
