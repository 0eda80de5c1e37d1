// What the controller does with an outbox, step by step, for the tests that end it at each of them
// (outbox_steps_test.cpp): outbox-steps FOLDER. Says on standard output what it may rely on by then.

#include "outbox_steps.h"

#include <string>

#include <unistd.h>

#include "secrets/outbox.h"

namespace {

using namespace hydra_clients::secrets;
using namespace hydra_clients::secrets::test;

void say(const std::string& line) { (void)!::write(STDOUT_FILENO, (line + "\n").data(), line.size() + 1); }

/// At once with what it says of it.
template <typename Result>
bool went(const Result& result, const std::string& what) {
  say(result ? what : "failed: " + result.error());
  return result.has_value();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const auto outbox = Outbox::open(argv[1]);
  if (!went(outbox, "opened")) return 1;
  bool good = true;
  for (const char* stamp : {kStale, kLive}) {
    good = went((*outbox)->addPending("app", stamp, kSealed, {"AB12"}), std::string("kept ") + stamp) && good;
  }
  good = went((*outbox)->resolve("app", kLive), "resolved") && good;
  good = went((*outbox)->addPending("shop", kRefused, kSealed, {"AB12"}), std::string("kept ") + kRefused) &&
         good;
  good = went((*outbox)->drop("shop", kRefused), "dropped") && good;
  return good ? 0 : 1;
}
