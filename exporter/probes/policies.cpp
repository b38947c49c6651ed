#include "probes/policies.hpp"

#include <array>

#include "probes/bimi.hpp"
#include "probes/dkim.hpp"
#include "probes/dmarc.hpp"
#include "probes/mta_sts.hpp"
#include "probes/spf.hpp"
#include "probes/tls_rpt.hpp"

namespace mxhealth::probes {
namespace {

constexpr std::array kProbes{
    PolicyProbe{Policy::spf, look_up_spf},         PolicyProbe{Policy::dmarc, look_up_dmarc},
    PolicyProbe{Policy::dkim, look_up_dkim},       PolicyProbe{Policy::mta_sts, look_up_mta_sts},
    PolicyProbe{Policy::tls_rpt, look_up_tls_rpt}, PolicyProbe{Policy::bimi, look_up_bimi},
};

}  // namespace

std::span<const PolicyProbe> policy_probes() { return kProbes; }

}  // namespace mxhealth::probes
