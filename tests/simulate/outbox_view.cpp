#include "outbox_view.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "client/json.h"
#include "pgp_stand_in.h"

namespace simulate {
namespace {

namespace fs = std::filesystem;

std::string lineBehind(const std::string& text, const std::string& head) {
  const auto found = text.find(head);
  if (found == std::string::npos) return "";
  const auto begin = found + head.size();
  return text.substr(begin, text.find('\n', begin) - begin);
}

void addFiles(const fs::path& folder, bool pending, std::vector<OutboxFile>& files) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".asc") || name.starts_with(".")) continue;
    std::ifstream in(entry.path());
    OutboxFile file;
    file.content.assign(std::istreambuf_iterator<char>(in), {});
    const auto id = hydra_clients::json::parse(lineBehind(file.content, "Comment: client_id "));
    if (!id) continue;
    file.id = id->text;
    file.stamp = lineBehind(file.content, "Comment: import ");
    file.pending = pending;
    files.push_back(std::move(file));
  }
}

}  // namespace

std::vector<OutboxFile> outboxFiles(const std::string& folder) {
  std::vector<OutboxFile> files;
  addFiles(folder, /*pending=*/false, files);
  addFiles(fs::path(folder) / ".pending", /*pending=*/true, files);
  return files;
}

bool outboxHas(const std::string& folder, const std::string& id, std::string_view secret) {
  const auto files = outboxFiles(folder);
  return std::ranges::any_of(files, [&](const OutboxFile& file) {
    return file.id == id && file.content.find(sealedForm(secret)) != std::string::npos;
  });
}

}  // namespace simulate
