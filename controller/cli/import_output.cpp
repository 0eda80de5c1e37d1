#include "cli/import_output.h"

#include <utility>

#include "client/one_line.h"
#include "client/secret.h"
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

/// What standard output gets of a client; "" for nothing. The one place where a secret leaves in the clear:
/// it was generated, and no recipient was given to encrypt it for. A client of which nobody knows whether it
/// was created is told of for its secret's sake, in words that no reader of the lines takes for a success.
std::string lineOf(const ImportResult& result, const std::string& path) {
  const bool unconfirmed = result.kind == Kind::kUnknown && result.generated != nullptr;
  if (!imported(result) && !unconfirmed) return {};
  std::string line =
      (unconfirmed ? "Unconfirmed OAuth 2.0 Client " : "Imported OAuth 2.0 Client ") + onOneLine(result.id);
  if (result.generated && result.sealed.empty()) {
    line += ':';
    line += result.generated->reveal(Purpose::kImportOutput);
  }
  line += " from: " + onOneLine(path) + "\n";
  if (!result.sealed.empty()) {
    line += "OAuth 2.0 Encrypted Client Secret: " + secrets::base64(result.sealed) + "\n\n";
  }
  return line;
}

std::string_view outcomeOf(const ImportResult& result) {
  if (imported(result)) return "imported";
  return result.kind == Kind::kUnknown ? "unknown" : "failed";
}

/// Why a client was not imported, for programs.
std::string_view reasonOf(Kind kind) {
  switch (kind) {
    case Kind::kExists:
    case Kind::kInSync:
    case Kind::kConflict:
      return "exists";
    case Kind::kRefused:
      return "refused";
    case Kind::kWaiting:
      return "secret";
    case Kind::kStopped:
      return "not_tried";
    case Kind::kUnknown:
      return "unknown";
    default:
      return "fault";
  }
}

Value jsonOf(const ImportResult& result, const std::string& path) {
  Value object = Value::object();
  object.add("client_id", result.id.empty() ? Value{} : Value::string(result.id));
  object.add("path", Value::string(path));
  object.add("outcome", Value::string(std::string(outcomeOf(result))));
  if (!imported(result)) {
    object.add("reason", Value::string(std::string(reasonOf(result.kind))));
    object.add("error", Value::string(failureOf(result)));
  }
  if (!result.sealed.empty()) {
    object.add("encrypted_client_secret", Value::string(secrets::base64(result.sealed)));
  } else if (result.generated) {
    object.add("client_secret", Value::string(std::string(result.generated->reveal(Purpose::kImportOutput))));
  }
  return object;
}

constexpr const char* kDocumentHead = "{\n  \"version\": 1,\n  \"command\": \"import\",\n  \"clients\": [";

/// `text` with every line after the first moved right.
std::string indented(const std::string& text, const std::string& margin) {
  std::string result;
  for (const char c : text) {
    result += c;
    if (c == '\n') result += margin;
  }
  return result;
}

}  // namespace

ImportOutput::ImportOutput(std::vector<std::string> paths, bool json, StreamWriter& out, StreamWriter& err)
    : paths_(std::move(paths)), json_(json), out_(out), err_(err) {}

bool ImportOutput::tell(std::size_t index, const ImportResult& result) {
  if (!imported(result)) tellFailure(index, result);
  if (result.kind == Kind::kStopped) ++untried_;
  if (imported(result)) ++imported_;
  if (result.kind == Kind::kExists) ++existing_;
  if (json_) {
    tellJson(index, result);
  } else if (std::string line = lineOf(result, paths_[index]); !line.empty()) {
    write(line, line);
    wipe(line);
  }
  ++told_;
  return out_.good();
}

void ImportOutput::tellFailure(std::size_t index, const ImportResult& result) {
  good_ = false;
  err_.write(onOneLine(paths_[index] + ": " + (result.id.empty() ? "" : "client " + result.id + ": ") +
                       failureOf(result)) +
             "\n");
}

void ImportOutput::tellJson(std::size_t index, const ImportResult& result) {
  std::string text = told_ == 0 ? kDocumentHead : ",";
  text += "\n    " + indented(json::writePretty(jsonOf(result, paths_[index])), "    ");
  std::string instead = lineOf(result, paths_[index]);
  write(text, instead);
  wipe(text);
  wipe(instead);
}

void ImportOutput::write(const std::string& text, const std::string& instead) {
  if (out_.write(text)) return;
  good_ = false;
  if (!std::exchange(fellBack_, true)) {
    complain("standard output cannot be written (" + out_.fault() +
             "); nothing more is sent, and what is done stands below, so that no generated secret is lost");
  }
  err_.write(instead);
}

void ImportOutput::complain(const std::string& message) {
  err_.write("hydra-clients: " + onOneLine(message) + "\n");
}

void ImportOutput::finish(const std::optional<std::string>& fault) {
  if (fault) {
    good_ = false;
    if (untried_ > 0)
      complain(std::to_string(untried_) + " were not tried, since nobody is served: " + *fault);
  }
  if (told_ > 1 && imported_ < told_) sumUp();
  endDocument(fault.value_or(""), {});
}

void ImportOutput::sumUp() {
  std::string text = std::to_string(imported_) + " of " + std::to_string(told_) + " clients were imported";
  const std::size_t others = told_ - imported_ - existing_ - untried_;
  if (others > 0) text += ", " + std::to_string(others) + " failed";
  if (untried_ > 0) text += ", " + std::to_string(untried_) + " were not tried";
  if (existing_ > 0) {
    text += ", " + std::to_string(existing_) +
            " exist already (`run --once` imports what is missing, and compares these)";
  }
  complain(text);
}

void ImportOutput::refuse(const std::string& why, const std::vector<manifest::Fault>& faults) {
  good_ = false;
  for (const manifest::Fault& fault : faults) err_.write(manifest::format(fault) + "\n");
  complain(why);
  complain("nothing was sent");
  endDocument(why, faults);
}

void ImportOutput::endDocument(const std::string& error, const std::vector<manifest::Fault>& faults) {
  if (!json_) return;
  Value list = Value::array();
  for (const manifest::Fault& fault : faults) list.append(manifest::toJson(fault));
  write((told_ == 0 ? kDocumentHead : "\n  ") + std::string("],\n  \"result\": \"") +
            (good_ ? "success" : "failed") +
            "\",\n  \"error\": " + json::write(error.empty() ? Value{} : Value::string(error)) +
            ",\n  \"faults\": " + indented(json::writePretty(list), "  ") + "\n}\n",
        "");
}

}  // namespace hydra_clients::cli
