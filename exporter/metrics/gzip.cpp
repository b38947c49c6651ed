// zlib with raw deflate. Z_FULL_FLUSH ends a page's data on a byte boundary, so that pages can be put one after the
// other; crc32_combine gives the checksum of the whole from those of the parts.
#include "metrics/gzip.hpp"

#include <zlib.h>

#include <array>
#include <memory>
#include <new>

namespace mxhealth::metrics {
namespace {

constexpr int kLevel = 6;
constexpr int kRawWindow = -15;  // negative: no header and no trailer of zlib's own
constexpr int kMemoryLevel = 8;

struct EndDeflate {
  void operator()(z_stream* stream) const {
    ::deflateEnd(stream);
    delete stream;
  }
};
using Deflater = std::unique_ptr<z_stream, EndDeflate>;

Deflater make_deflater() {
  auto stream = std::make_unique<z_stream>();
  if (::deflateInit2(stream.get(), kLevel, Z_DEFLATED, kRawWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  return Deflater(stream.release());
}

Bytef* octets(const std::string& text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

Deflated deflate_page(const std::string& text) {
  thread_local const Deflater deflater = make_deflater();  // 256 KB, made once
  z_stream& stream = *deflater;
  ::deflateReset(&stream);
  Deflated result;
  result.bytes.resize(::deflateBound(&stream, text.size()) + 16);
  stream.next_in = octets(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = octets(result.bytes);
  stream.avail_out = static_cast<uInt>(result.bytes.size());
  ::deflate(&stream, Z_FULL_FLUSH);
  result.bytes.resize(result.bytes.size() - stream.avail_out);
  result.bytes.shrink_to_fit();
  result.crc =
      static_cast<std::uint32_t>(::crc32(::crc32(0, nullptr, 0), octets(text), static_cast<uInt>(text.size())));
  result.text_size = text.size();
  return result;
}

void append_little_endian(std::string& out, std::uint32_t number) {
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>((number >> shift) & 0xFFU);
}

}  // namespace

const Deflated& Page::deflated() const {
  if (!deflated_) deflated_ = deflate_page(text_);
  return *deflated_;
}

std::string gzip_head() {
  constexpr std::array<unsigned char, 10> kHead{0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF};  // deflate, no time, any system
  return {kHead.begin(), kHead.end()};
}

std::string gzip_tail(const Pages& pages) {
  uLong crc = ::crc32(0, nullptr, 0);
  std::size_t size = 0;
  for (const auto& page : pages) {
    const Deflated& part = page->deflated();
    crc = ::crc32_combine(crc, part.crc, static_cast<z_off_t>(part.text_size));
    size += part.text_size;
  }
  std::string tail("\x03\x00", 2);  // a final block with fixed codes and nothing in it (RFC 1951 section 3.2.6)
  append_little_endian(tail, static_cast<std::uint32_t>(crc));
  append_little_endian(tail, static_cast<std::uint32_t>(size));  // modulo 2^32
  return tail;
}

}  // namespace mxhealth::metrics
