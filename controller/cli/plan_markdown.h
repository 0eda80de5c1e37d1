#pragma once

// A plan as a comment to a pull request: Markdown as GitHub and GitLab read it. A verdict, a table of what is
// not in sync, the worst first, and below, folded, what a person needs for each. However much there is to
// say, it fits into one comment.

#include <cstddef>
#include <string>

#include "reconcile/merge_report.h"
#include "reconcile/report.h"

namespace hydra_clients::cli {

inline constexpr std::size_t kMostCommentBytes = 60'000;  ///< GitHub takes 65,536 characters

[[nodiscard]] std::string planMarkdown(const reconcile::CycleReport& report);
[[nodiscard]] std::string mergeMarkdown(const reconcile::MergeReport& report);

}  // namespace hydra_clients::cli
