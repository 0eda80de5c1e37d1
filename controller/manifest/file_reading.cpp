#include "manifest/file_reading.h"

#include <utility>

#include "client/json.h"

namespace hydra_clients::manifest {
namespace {

CheckedElement invalidElement(Fault fault, std::optional<ClientId> id = {}, Location from = {},
                              std::size_t idLine = 0, std::size_t idColumn = 0) {
  if (from.path.empty()) from = {fault.where.path, 0, 0, ""};
  return {std::make_shared<const InvalidManifest>(
              InvalidManifest{std::move(id), std::move(from), idLine, idColumn, {std::move(fault)}}),
          {}};
}

/// The same element, not to be sent because its file is broken elsewhere.
CheckedElement spoiled(const CheckedElement& element, const Fault& fault) {
  const auto* const valid = std::get_if<ManifestPtr>(&element.outcome);
  if (valid == nullptr) return element;
  const Manifest& manifest = **valid;
  return invalidElement(fault, manifest.id.empty() ? std::optional<ClientId>() : manifest.id, manifest.from,
                        manifest.idLine, manifest.idColumn);
}

void spoil(FileReading& reading, const Fault& fault) {
  for (CheckedElement& element : reading.elements) element = spoiled(element, fault);
  if (reading.elements.empty()) reading.elements.push_back(invalidElement(fault));
}

bool isBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

FileReading readFile(const SharedPath& path, std::string_view text, const ReadingOptions& options) {
  FileReading reading;
  if (isBlank(text)) {
    return unreadableFile(path, "file-empty",
                          "the file is empty; a manifest holds one client or an array of clients");
  }
  PositionCursor positions(text);
  const auto keep = [&](json::Element&& element) {
    if (reading.elements.size() > options.manifests) return;  // one too many already: the set is refused
    reading.elements.push_back(checkElement(std::move(element), path, positions, options));
  };
  if (const auto broken = json::readElements(text, options.limits, json::Strictness::kManifest, keep)) {
    const json::Position at = positions.of(broken->offset);
    spoil(reading, makeFault(broken->rule, {path, at.line, at.column, broken->pointer}, broken->message));
  }
  reading.elements.shrink_to_fit();
  return reading;
}

FileReading unreadableFile(const SharedPath& path, std::string rule, std::string message) {
  FileReading reading;
  reading.elements.push_back(
      invalidElement(makeFault(std::move(rule), {path, 0, 0, ""}, std::move(message))));
  return reading;
}

}  // namespace hydra_clients::manifest
