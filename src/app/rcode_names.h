#pragma once

#include <array>
#include <string_view>

namespace understudy::app {

/// The rcodes that a header can hold and IANA has given names to, in their order.
inline constexpr std::array<std::string_view, 11> kRcodeNames{"NOERROR",
                                                              "FORMERR",
                                                              "SERVFAIL",
                                                              "NXDOMAIN",
                                                              "NOTIMP",
                                                              "REFUSED",
                                                              "YXDOMAIN",
                                                              "YXRRSET",
                                                              "NXRRSET",
                                                              "NOTAUTH",
                                                              "NOTZONE"};

}  // namespace understudy::app
