/// Results of commands as people read them.
#pragma once

#include <string>

#include "sync-server/main/tasks.h"

namespace godwit {

std::string page_of_init(const Json& result);
std::string page_of_status(const Json& result);
std::string page_of_backup(const Json& result);
std::string page_of_restore(const Json& result);
std::string page_of_verify(const Json& result);

}  // namespace godwit
