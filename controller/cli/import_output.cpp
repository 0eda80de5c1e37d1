#include "cli/import_output.h"

#include <iostream>
#include <utility>

#include "client/json.h"
#include "secrets/pgp.h"

namespace hydra_clients::cli {
namespace {

using json::Value;
using reconcile::ImportResult;
using Kind = ImportResult::Kind;

bool imported(const ImportResult& result) { return result.kind == Kind::kImported; }

std::string failureOf(const ImportResult& result) {
  if (!result.message.empty()) return result.message;
  return result.kind == Kind::kStopped ? "not tried" : "failed";
}

/// The one place where a secret leaves in the clear: it was generated, and no recipient was given to encrypt
/// it for.
void printGenerated(std::ostream& out, const ImportResult& result) {
  out << result.id << ':' << result.generated->reveal(Purpose::kImportOutput);
}

Value jsonOf(const ImportResult& result, const std::string& path) {
  Value object = Value::object();
  object.add("client_id", result.id.empty() ? Value{} : Value::string(result.id));
  object.add("path", Value::string(path));
  object.add("outcome", Value::string(imported(result) ? "imported" : "failed"));
  if (!imported(result)) {
    object.add("error", Value::string(failureOf(result)));
  } else if (!result.sealed.empty()) {
    object.add("encrypted_client_secret", Value::string(secrets::base64(result.sealed)));
  } else if (result.generated) {
    object.add("client_secret", Value::string(std::string(result.generated->reveal(Purpose::kImportOutput))));
  }
  return object;
}

}  // namespace

ImportOutput::ImportOutput(std::vector<std::string> paths, bool json)
    : paths_(std::move(paths)), json_(json), held_(paths_.size()) {}

void ImportOutput::add(std::size_t index, const ImportResult& result) {
  held_[index] = result;
  while (next_ < held_.size() && held_[next_]) {
    tell(next_, *held_[next_]);
    held_[next_].reset();
    ++next_;
  }
}

void ImportOutput::finish(const std::vector<ImportResult>& results, const std::optional<std::string>& fault) {
  for (; next_ < results.size(); ++next_) tell(next_, held_[next_] ? *held_[next_] : results[next_]);
  if (fault) {
    std::cerr << "hydra-clients: " << *fault << "\n";
    good_ = false;
  }
  if (json_) tellJson(results, fault);
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "hydra-clients: standard output could not be written: what was generated is lost\n";
    good_ = false;
  }
}

void ImportOutput::tell(std::size_t index, const ImportResult& result) {
  if (!imported(result)) {
    good_ = false;
    std::cerr << paths_[index] << ": " << (result.id.empty() ? "" : "client " + result.id + ": ")
              << failureOf(result) << "\n";
    return;
  }
  if (json_) return;
  std::cout << "Imported OAuth 2.0 Client ";
  if (result.generated && result.sealed.empty()) {
    printGenerated(std::cout, result);
  } else {
    std::cout << result.id;
  }
  std::cout << " from: " << paths_[index] << "\n";
  if (!result.sealed.empty()) {
    std::cout << "OAuth 2.0 Encrypted Client Secret: " << secrets::base64(result.sealed) << "\n\n";
  }
  std::cout.flush();
}

void ImportOutput::tellJson(const std::vector<ImportResult>& results,
                            const std::optional<std::string>& fault) {
  Value clients = Value::array();
  for (std::size_t i = 0; i < results.size(); ++i) clients.append(jsonOf(results[i], paths_[i]));
  Value document = Value::object();
  document.add("version", Value::number(1));
  document.add("command", Value::string("import"));
  document.add("result", Value::string(good_ ? "success" : "failed"));
  document.add("error", fault ? Value::string(*fault) : Value{});
  document.add("clients", std::move(clients));
  std::cout << json::writePretty(document) << "\n";
}

}  // namespace hydra_clients::cli
