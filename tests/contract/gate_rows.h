#pragma once

#include <string>
#include <vector>

namespace hydra_clients::contract {

/// One client of the gate: the field that it is about, and the whole object without its id.
struct GateRow {
  std::string field;
  std::string client;
};

/// Every field of the field table with values that are written in a way of their own, and clients that people
/// write. What a Hydra refuses of it is not held against anybody.
std::vector<GateRow> gateRows();

}  // namespace hydra_clients::contract
