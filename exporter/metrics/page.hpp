// A page of exposition text, and its deflated form, which is made when first asked for and kept with the page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mxhealth::metrics {

/// A piece of a gzip member: raw deflate data that ends on a byte boundary and refers to nothing before it.
struct Deflated {
  std::string bytes;
  std::uint32_t crc = 0;  // CRC-32 of the text
  std::size_t text_size = 0;
};

class Page {
 public:
  explicit Page(std::string text) : text_(std::move(text)) {}

  const std::string& text() const { return text_; }
  const Deflated& deflated() const;  // not for two threads at once

 private:
  friend class Family;  // patches values while it alone holds the page
  std::string text_;
  mutable std::optional<Deflated> deflated_;
};

using Pages = std::vector<std::shared_ptr<const Page>>;

}  // namespace mxhealth::metrics
