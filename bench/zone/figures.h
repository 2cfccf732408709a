#pragma once

/// What zone_bench measures beside building, each registered for its workloads, `scale` times as
/// large.
namespace understudy::bench {

/// Starting from images.
void add_image_figures(double scale);

/// One-record changes, and what many of them leave behind.
void add_change_figures(double scale);

}  // namespace understudy::bench
