#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/standard_streams.h"
#include "client/json.h"
#include "manifest/fault.h"
#include "reconcile/import_result.h"

namespace hydra_clients::cli {

/// `import`'s lines, each written as soon as it is told. No generated secret is lost where standard output
/// cannot be written: what it was to get goes to standard error then. Used by one thread.
class ImportOutput {
 public:
  /// `paths`: the file of each client, in the order of the manifests. `json`: one document instead of lines,
  /// written client by client.
  ImportOutput(std::vector<std::string> paths, bool json, StreamWriter& out, StreamWriter& err);

  /// In the order of the manifests. false: standard output cannot be written, so nothing more should be sent.
  bool tell(std::size_t index, const reconcile::ImportResult& result);
  /// After the last. `fault`: why nobody could be served.
  void finish(const std::optional<std::string>& fault);
  /// Instead of all that: nothing was sent. `faults`: what is wrong with the files.
  void refuse(const std::string& why, const std::vector<manifest::Fault>& faults);

  /// Everything was imported, and everything was written.
  [[nodiscard]] bool good() const { return good_; }

 private:
  void tellFailure(std::size_t index, const reconcile::ImportResult& result);
  /// The last line of many where not all were imported.
  void sumUp();
  void tellJson(std::size_t index, const reconcile::ImportResult& result);
  /// To standard output, else, with a word on why, `instead` to standard error.
  void write(const std::string& text, const std::string& instead);
  void complain(const std::string& message);
  void endDocument(const std::string& error, const std::vector<manifest::Fault>& faults);

  std::vector<std::string> paths_;
  bool json_;
  StreamWriter& out_;
  StreamWriter& err_;
  std::size_t told_ = 0;
  std::size_t untried_ = 0;
  std::size_t imported_ = 0;
  std::size_t existing_ = 0;
  bool good_ = true;
  bool fellBack_ = false;
};

}  // namespace hydra_clients::cli
