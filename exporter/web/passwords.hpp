// Whether a password fits a bcrypt hash, by libxcrypt. Takes as long as the hash's cost wants (tens of milliseconds and
// more), so it is called on the worker.
#pragma once

#include "model/secret.hpp"

namespace mxhealth::web {

bool password_fits(const Secret& password, const Secret& hash);

}  // namespace mxhealth::web
