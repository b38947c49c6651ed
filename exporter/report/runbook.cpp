#include "report/runbook.hpp"

namespace mxhealth::report {
namespace {

bool begins_item(std::string_view line) {
  if (line.starts_with("- ")) return true;
  const auto digits = line.find_first_not_of("0123456789");
  return digits != line.npos && digits > 0 && line.substr(digits).starts_with(". ");
}

// [words](link) becomes words; asterisks go, except from commands.
std::string plain(std::string_view markdown) {
  std::string text;
  bool is_command = false;
  for (std::size_t at = 0; at < markdown.size(); ++at) {
    if (markdown[at] == '`') is_command = !is_command;
    if (is_command) {
      text += markdown[at];
      continue;
    }
    if (markdown[at] == '*') continue;
    const auto middle = markdown[at] == '[' ? markdown.find("](", at) : markdown.npos;
    const auto end = middle == markdown.npos ? markdown.npos : markdown.find(')', middle);
    if (end != markdown.npos) {
      text += plain(markdown.substr(at + 1, middle - at - 1));
      at = end;
      continue;
    }
    text += markdown[at];
  }
  return text;
}

// The lines of `text`, each item and paragraph joined to one.
std::vector<std::string> paragraphs(std::string_view text) {
  std::vector<std::string> all;
  bool is_new = true;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto first = line.find_first_not_of(' ');
    if (first == line.npos) {
      is_new = true;
      continue;
    }
    line.remove_prefix(first);
    if (is_new || begins_item(line)) {
      if (line.starts_with("- ")) line.remove_prefix(2);
      all.emplace_back(line);
    } else {
      all.back().append(" ").append(line);
    }
    is_new = false;
  }
  for (std::string& paragraph : all) paragraph = plain(paragraph);
  return all;
}

}  // namespace

std::vector<std::string> section_of(std::string_view page, std::string_view heading) {
  const std::string mark = "\n## " + std::string(heading) + "\n";
  const auto at = page.find(mark);
  if (at == page.npos) return {};
  const std::string_view rest = page.substr(at + mark.size());
  return paragraphs(rest.substr(0, rest.find("\n## ")));
}

CausePage cause_page(Cause cause) {
  const std::string name(label(cause));
  CausePage page;
  page.file = "dashboards/runbooks/causes/" + name + ".md";
  const std::string_view text = page_text(name);
  constexpr std::string_view kSees = "**A sender sees:**";
  if (const auto at = text.find(kSees); at != text.npos) {
    const std::string_view rest = text.substr(at + kSees.size());
    const auto words = paragraphs(rest.substr(0, rest.find("\n\n")));
    if (!words.empty()) page.sender_sees = words.front();
  }
  page.whose_side = section_of(text, "Whose side");
  page.mend = section_of(text, "Mend");
  return page;
}

std::vector<std::string> wrong_advice() { return section_of(page_text("README"), "Where the web's advice is wrong"); }

}  // namespace mxhealth::report
