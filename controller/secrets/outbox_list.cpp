#include "secrets/outbox_list.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include <fcntl.h>

#include "client/one_line.h"
#include "secrets/outbox_files.h"
#include "secrets/outbox_folder.h"
#include "secrets/sealed_message.h"

namespace hydra_clients::secrets {
namespace {

struct Listed {
  OutboxEntry entry;
  unsigned
      number;  ///< among the client's confirmed secrets; 0 for a pending one, and where the name is another
};

/// Reads one folder after another: what is pending first, so that what is confirmed meanwhile is not missed.
class Lister {
 public:
  tl::expected<void, std::string> read(int folder, const std::string& path, bool pending);
  [[nodiscard]] OutboxListing finish() &&;

 private:
  void take(const Place& place, const std::string& path, bool pending);

  std::vector<Listed> listed_;
  FileWarnings warnings_;
};

tl::expected<void, std::string> Lister::read(int folder, const std::string& path, bool pending) {
  const auto names = namesIn(folder);
  if (!names) return tl::unexpected(onOneLine(path) + " " + names.error());
  for (const std::string& name : *names) {
    if (!name.starts_with('.') && name != kLostAndFound) take({folder, name}, path, pending);
  }
  return {};
}

void Lister::take(const Place& place, const std::string& path, bool pending) {
  const std::string file = path + "/" + place.name;
  auto facts = readRegularFile(place.folder, place.name, kMaxSealedBytes).and_then(factsOf);
  if (facts) {
    const unsigned number = pending ? 0 : confirmedNumber(facts->id, place.name);
    listed_.push_back({{std::move(facts->id), std::move(facts->stamp), facts->sealed,
                        std::move(facts->recipients), pending, file},
                       number});
  } else if (isThere(place.folder, place.name)) {  // else it was confirmed or dropped just now
    warnings_.add(file + " " + facts.error());
  }
}

/// One of the entries that are the same secret comes first: confirmed, and under its own name.
auto asOneSecret(const Listed& listed) {
  const OutboxEntry& entry = listed.entry;
  return std::tuple(std::string_view(entry.id), std::string_view(entry.stamp), entry.pending,
                    listed.number == 0);
}

auto inListing(const Listed& listed) {
  const OutboxEntry& entry = listed.entry;
  return std::tuple(std::string_view(entry.id), entry.pending, entry.sealed, listed.number);
}

OutboxListing Lister::finish() && {
  std::ranges::sort(listed_, {}, asOneSecret);
  const auto same = [](const Listed& a, const Listed& b) {
    return a.entry.id == b.entry.id && a.entry.stamp == b.entry.stamp;
  };
  listed_.erase(std::unique(listed_.begin(), listed_.end(), same), listed_.end());
  std::ranges::sort(listed_, {}, inListing);
  OutboxListing listing;
  listing.entries.reserve(listed_.size());
  for (Listed& listed : listed_) listing.entries.push_back(std::move(listed.entry));
  listing.warnings = warnings_.all();
  return listing;
}

}  // namespace

tl::expected<OutboxListing, std::string> listOutbox(const std::string& folder) {
  const auto folders = openOutboxToRead(folder);
  if (!folders) return tl::unexpected(folders.error());
  Lister lister;
  if (folders->pending.valid()) {
    const std::string path = folders->path + "/" + std::string(kPendingFolder);
    if (const auto read = lister.read(folders->pending.get(), path, /*pending=*/true); !read) {
      return tl::unexpected(read.error());
    }
  }
  if (const auto read = lister.read(folders->folder.get(), folders->path, /*pending=*/false); !read) {
    return tl::unexpected(read.error());
  }
  return std::move(lister).finish();
}

tl::expected<std::string, std::string> messageOf(const OutboxEntry& entry) {
  auto text = readRegularFile(AT_FDCWD, entry.file, kMaxSealedBytes);
  if (!text) return tl::unexpected(onOneLine(entry.file) + " " + text.error());
  return text;
}

}  // namespace hydra_clients::secrets
