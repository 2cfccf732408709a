#pragma once

/// How understudyctl exits; scripts rely on it.
namespace understudy::app {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kUnreachable = 3;

}  // namespace understudy::app
