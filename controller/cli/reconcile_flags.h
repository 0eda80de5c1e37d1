#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/connection_flags.h"
#include "cli/manifest_flags.h"
#include "cli/session.h"
#include "cli/write_flags.h"
#include "manifest/set_reader.h"
#include "manifest/source.h"
#include "reconcile/reconciler.h"

namespace hydra_clients::cli {

/// What `plan` and `run` share: the source, the way to Hydra, and the reconciler made of both.
struct ReconcileFlags {
  ConnectionFlags connection;
  ManifestFlags manifests;
  secrets::ReferenceOptions references;
  std::string path;
  std::string output = "text";
  bool quiet = false;
  WriteFlags writes;  ///< declared by `run` alone

  void addTo(CLI::App& command);
};

/// The two sides, open for the length of a command. Not movable: the reconciler refers to the rest.
class Sides {
 public:
  /// Throws UsageError for a mistake in the flags.
  Sides(const ReconcileFlags& flags, hydra::RequestObserver observer, std::function<void()> beat,
        reconcile::ProgressObserver progress);

  Session session;
  std::unique_ptr<manifest::ManifestSource> source;
  manifest::SetReader reader;
  reconcile::Reconciler reconciler;
};

/// Prints a report as `--output` says; warnings and errors to standard error.
void printReport(const reconcile::CycleReport& report, const std::string& output, std::string_view command);

}  // namespace hydra_clients::cli
