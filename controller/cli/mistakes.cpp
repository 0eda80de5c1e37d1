#include "cli/mistakes.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command_tree.h"
#include "cli/environment.h"
#include "cli/flags.h"
#include "client/edit_distance.h"

namespace hydra_clients::cli {
namespace {

std::string didYouMean(std::string_view written, const std::vector<std::string>& known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  const auto near = nearest(written, names);
  return near ? "; did you mean " + std::string(*near) + "?" : std::string();
}

bool hasFlag(const CLI::App& command, const std::string& flag) {
  return std::ranges::any_of(command.get_options(),
                             [&](const CLI::Option* option) { return option->get_name() == flag; });
}

std::vector<std::string> commandsWith(const CLI::App& program, const std::string& flag) {
  std::vector<std::string> names;
  for (const CLI::App* command : runnableCommands(program)) {
    if (hasFlag(*command, flag)) names.push_back(typedName(*command));
  }
  return names;
}

std::string unknownFlag(const CLI::App& program, const CLI::App& command, std::string flag) {
  flag.resize(std::min(flag.find('='), flag.size()));  // what stands behind it may be a secret
  const bool isKnown = hasFlag(command, flag);
  const auto owners = isKnown ? std::vector{typedName(command)} : commandsWith(program, flag);
  if (!owners.empty() && (&command == &program || isGroup(command) || isKnown)) {
    return flag + " stands before the command: write hydra-clients " + owners.front() + " " + flag + " …";
  }
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  const std::string what =
      &command == &program ? "there is no flag " + flag : typedName(command) + " has no flag " + flag;
  return what + (owners.empty() ? didYouMean(flag, flags)
                                : fmt::format("; it is a flag of {}", fmt::join(owners, ", ")));
}

/// What the command cannot do without, and was not given; nullptr where there is nothing.
const CLI::Option* firstMissing(const CLI::App& command) {
  const auto options = command.get_options();
  const auto missing = std::ranges::find_if(
      options, [](const CLI::Option* option) { return option->get_required() && option->count() == 0; });
  return missing == options.end() ? nullptr : *missing;
}

/// Words that nothing takes. CLI11 looks at them last; a misspelt flag explains what else is missing.
std::optional<std::string> unexpected(const CLI::App& program) {
  const CLI::App& command = selectedCommand(program);
  std::vector<std::string> words = program.remaining(/*recurse=*/true);
  std::erase(words, "--");
  if (words.empty()) return std::nullopt;
  const auto flag =
      std::ranges::find_if(words, [](const std::string& word) { return word.starts_with('-'); });
  if (flag != words.end()) return unknownFlag(program, command, *flag);
  if (command.get_name() == "seal") {  // what was given may be the secret itself: it is not repeated
    return "seal takes no argument: it reads the secret from standard input, since what stands in a command "
           "is "
           "kept in the shell's history and shown to every process";
  }
  if (&command == &program || isGroup(command)) return unknownCommand(command, words.front());
  if (const CLI::Option* given = firstMissing(command); given != nullptr && !given->get_positional()) {
    const auto options = command.get_options();
    const bool takesOne =
        std::ranges::any_of(options, [](const CLI::Option* option) { return option->get_positional(); });
    return typedName(command) + (takesOne ? " takes no further argument" : " takes no argument") +
           ": did you mean " + given->get_name() + " " + words.front() + "?";
  }
  return "\"" + words.front() + "\" is too much: " + typedName(command) +
         " takes only flags and the arguments that its help shows";
}

/// "--manifests FOLDER", "FILE".
std::string shown(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name();
  return option.get_name() + " " + valueNameOf(option);
}

std::string missing(const CLI::App& command) {
  const CLI::Option* option = firstMissing(command);
  if (option == nullptr) {
    if (!isGroup(command)) return "a command is missing";
    return typedName(command) +
           fmt::format(" needs one of its commands: {}", fmt::join(namesBelow(command), ", "));
  }
  const std::string variable =
      option->get_envname().empty() ? "" : " (or the variable " + option->get_envname() + ")";
  return shown(*option) + variable + " is missing: " + option->get_description();
}

/// A flag without its value, or given twice.
std::string wrongNumber(const CLI::App& command, const std::string& message) {
  for (const CLI::Option* option : command.get_options()) {
    if (!message.starts_with(option->get_name() + ":")) continue;
    if (option->count() > 1) return option->get_name() + " is given more than once";
    return option->get_name() + " needs a value: " + shown(*option);
  }
  return message;
}

}  // namespace

std::string unknownCommand(const CLI::App& parent, const std::string& name) {
  std::vector<std::string> commands = namesBelow(parent);
  if (commands.empty())
    return "\"" + name + "\" is too much: " + typedName(parent) + " has no commands of its own";
  const std::string before = typedName(parent).empty() ? "" : typedName(parent) + " ";
  const std::vector<std::string_view> names(commands.begin(), commands.end());
  const auto near = nearest(name, names);
  const std::string known = before + fmt::format("{}", fmt::join(commands, ", " + before));
  return "there is no command \"" + before + name + "\"" +
         (near ? "; did you mean " + before + std::string(*near) + "?" : "; the commands are " + known);
}

std::string explain(const CLI::App& program, const CLI::Error& error, std::span<const char* const> words) {
  const CLI::App& command = selectedCommand(program);
  const std::string message = error.what();
  const bool isMissing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (isMissing || dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    if (auto text = unexpected(program)) return std::move(*text);
    return isMissing ? missing(command) : message;
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return wrongNumber(command, message);
  return namedAsGiven(command, message, words);
}

}  // namespace hydra_clients::cli
