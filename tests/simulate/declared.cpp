#include "declared.h"

namespace simulate {
namespace {

using Kind = Declared::Kind;

std::string textOf(const std::string& id, const Declared& declared) {
  std::string text = R"({"client_id":")" + id + R"(","client_name":")" + declared.name + R"(",)";
  switch (declared.kind) {
    case Kind::kPublic:
    case Kind::kDuplicate:
      text += R"("token_endpoint_auth_method":"none",)";
      break;
    case Kind::kStated:
      text += R"("client_secret":")" + statedSecretOf(id) + R"(",)";
      break;
    case Kind::kInvalid:
      text += R"("audience":5,)";
      break;
    case Kind::kGenerated:
      break;
  }
  return text + R"("scope":"openid"})";
}

Declared any(Chance& chance) {
  Declared declared;
  declared.kind = chance.oneOf(std::vector<Kind>{Kind::kPublic, Kind::kPublic, Kind::kStated,
                                                 Kind::kGenerated, Kind::kGenerated, Kind::kGenerated});
  declared.name = "A";
  return declared;
}

std::string fileOf(const std::string& id) {
  std::string path = id;
  for (char& c : path) c = c == '/' ? '-' : c;
  return path;
}

}  // namespace

std::map<std::string, std::string> filesOf(const DeclaredSet& set) {
  std::map<std::string, std::string> files;
  for (const auto& [id, declared] : set) {
    files[fileOf(id) + ".json"] = textOf(id, declared);
    if (declared.kind == Kind::kDuplicate) files[fileOf(id) + "-again.json"] = textOf(id, declared);
  }
  return files;
}

std::string idOf(std::size_t number) {
  constexpr std::size_t kEvery = 5;
  return (number % kEvery == kEvery - 1 ? "team/c" : "c") + std::to_string(number);
}

std::string statedSecretOf(const std::string& id) { return "a-stated-secret-of-" + id; }

DeclaredSet firstSet(std::size_t count, Chance& chance) {
  DeclaredSet set;
  for (std::size_t i = 0; i < count; ++i) {
    if (chance.permille(800)) set[idOf(i)] = any(chance);
  }
  return set;
}

DeclaredSet edited(DeclaredSet set, std::size_t count, Chance& chance, std::string& change) {
  const std::string id = idOf(static_cast<std::size_t>(chance.between(0, count - 1)));
  const auto found = set.find(id);
  if (found == set.end()) {
    change = "adds " + id;
    set[id] = any(chance);
    return set;
  }
  switch (chance.between(0, 4)) {
    case 0:
      change = "takes away " + id;
      set.erase(found);
      break;
    case 1:
      change = "spoils " + id;
      found->second.kind = Kind::kInvalid;
      break;
    case 2:
      change = "doubles " + id;
      found->second.kind = Kind::kDuplicate;
      break;
    case 3:
      change = "rewrites " + id;
      found->second = any(chance);
      break;
    default:
      change = "renames " + id;
      found->second.name = chance.coin() ? "B" : "A";
      break;
  }
  return set;
}

}  // namespace simulate
