/// Carries requests of browsers on this machine to the door: HTTP/1.1 on 127.0.0.1 and ::1.
///
/// Spec: app-host §1.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "field-client/cli/app_host/door.h"

namespace godwit {

class Loopback {
public:
    /// `port` 0: one that is free. The door must outlive it.
    /// Fails with usage when the port is taken.
    static Result<std::unique_ptr<Loopback>> listen(Door& door, std::uint16_t port);
    ~Loopback();
    Loopback(const Loopback&) = delete;
    Loopback& operator=(const Loopback&) = delete;

    /// "127.0.0.1:PORT"
    [[nodiscard]] std::string authority() const;

private:
    struct Parts;
    explicit Loopback(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace godwit
