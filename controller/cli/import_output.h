#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "reconcile/importer.h"

namespace hydra_clients::cli {

/// `import`'s lines, in the order of the files however the requests ran: a result is held until all before it
/// are told. Used under the importer's lock.
class ImportOutput {
 public:
  /// `paths`: the file of each client, in the order of the manifests.
  ImportOutput(std::vector<std::string> paths, bool json);

  void add(std::size_t index, const reconcile::ImportResult& result);
  /// After the last: tells what is left, and the JSON document. `fault`: why nobody could be served.
  void finish(const std::vector<reconcile::ImportResult>& results, const std::optional<std::string>& fault);

  /// Everything was imported, and everything was written.
  [[nodiscard]] bool good() const { return good_; }

 private:
  void tell(std::size_t index, const reconcile::ImportResult& result);
  void tellJson(const std::vector<reconcile::ImportResult>& results, const std::optional<std::string>& fault);

  std::vector<std::string> paths_;
  bool json_;
  std::vector<std::optional<reconcile::ImportResult>> held_;
  std::size_t next_ = 0;
  bool good_ = true;
};

}  // namespace hydra_clients::cli
