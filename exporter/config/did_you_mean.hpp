// Finds the word that was probably meant. Only for messages.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mxhealth::config {

/// The nearest of `words` by edits (insert, delete, replace, swap neighbours), when it is near enough to be a slip.
std::optional<std::string_view> did_you_mean(std::string_view written, std::span<const std::string_view> words);

/// ", did you mean X?" or nothing.
std::string suggestion(std::string_view written, std::span<const std::string_view> words);

}  // namespace mxhealth::config
