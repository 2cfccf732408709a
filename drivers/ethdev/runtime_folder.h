#pragma once

#include <filesystem>
#include <string_view>

namespace understudy::ethdev {

/// What DPDK's folders of ours are called, before the process's number.
inline constexpr std::string_view kRuntimeFolderPrefix = "understudy-";

/// DPDK's folder for run-time files, where telemetry's socket is: removed with all that is in it,
/// and beside it those of our processes that are gone without having done so (killed, or no longer
/// allowed to). Failing does no harm.
void remove_runtime_folder(const std::filesystem::path& folder);
void remove_stale_runtime_folders(const std::filesystem::path& parent);

}  // namespace understudy::ethdev
