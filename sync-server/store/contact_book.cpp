#include "sync-server/store/contact_book.h"

namespace godwit {

void ContactBook::note(const ReplicaId& replica, Contact contact) {
    const std::lock_guard lock(mutex_);
    Contact& noted = unwritten_[replica];
    if (contact.app_version.empty()) contact.app_version = std::move(noted.app_version);
    noted = std::move(contact);
}

Result<void> ContactBook::flush(Database& database) {
    std::map<ReplicaId, Contact> taken;
    {
        const std::lock_guard lock(mutex_);
        taken.swap(unwritten_);
    }
    for (const auto& [replica, contact] : taken) TRY(save_contact(database, replica, contact));
    return ok();
}

std::map<ReplicaId, Contact> ContactBook::unwritten() const {
    const std::lock_guard lock(mutex_);
    return unwritten_;
}

}  // namespace godwit
