#pragma once

// The parts that the JSON documents of a plan, a cycle and a merge have in common.

#include <string_view>
#include <vector>

#include "client/json.h"
#include "manifest/fault.h"
#include "reconcile/report.h"

namespace hydra_clients::reconcile {

/// All of a report's document but its clients and its warnings.
[[nodiscard]] json::Value headOf(const CycleReport& report, std::string_view command);
[[nodiscard]] json::Value toJson(const ClientReport& client);
[[nodiscard]] json::Value toJson(const std::vector<manifest::Fault>& faults);

}  // namespace hydra_clients::reconcile
