#include "cli/write_flags.h"

#include "cli/flags.h"

namespace hydra_clients::cli {

void WriteFlags::addTo(CLI::App& command) {
  addDurationFlag(command, "max-write-latency", maxLatency,
                  "with --parallelism auto: fewer POSTs at once where one takes longer, so that logins are "
                  "not starved")
      ->group("Connection");
}

}  // namespace hydra_clients::cli
