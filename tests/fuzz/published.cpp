// libFuzzer on records that domains publish: SPF with all that it leads to, DMARC, DKIM keys, BIMI.
#include <cstddef>
#include <cstdint>

#include "policy/examine_published.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mxhealth::policy::test::examine_published({reinterpret_cast<const char*>(data), size});
  return 0;
}
