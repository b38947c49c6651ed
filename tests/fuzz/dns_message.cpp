// libFuzzer on the one parser of DNS answers and on what selects from them.
#include "dns/examine.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  mxhealth::dns::test::examine({octets, size});
  return 0;
}
