#include "tests/disk/disk_work.h"

#include <algorithm>
#include <bit>

#include "shared/base/assert.h"

namespace godwit {
namespace {

constexpr std::int64_t fixed_day_ms = 1'795'288'836'000;  // 2026-11-21

bool ends_with(std::string_view path, std::string_view end) {
    return path.size() >= end.size() && path.substr(path.size() - end.size()) == end;
}

}  // namespace

// --- What every operation goes through -----------------------------------------------------------

void DiskWork::mix(std::uint64_t number) {
    trace_ = (trace_ ^ number) * 0x9e3779b97f4a7c15U;
    trace_ ^= trace_ >> 29U;
}

void DiskWork::mix(ByteView bytes) {
    while (bytes.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), 8);
        mix(word);
        bytes = bytes.subspan(8);
    }
    for (const std::uint8_t byte : bytes) mix(std::uint64_t{byte});
}

std::optional<FaultManner> DiskWork::fault_for(const DiskEvent& event) {
    std::optional<FaultManner> found;
    for (Planned& each : planned_) {
        const DiskFault& fault = each.fault;
        if ((fault.of & bit_of(event.operation)) == 0 || !ends_with(event.path, fault.path_end)) {
            continue;
        }
        ++each.seen;
        if (each.seen == fault.at || (fault.is_for_ever && each.seen > fault.at)) {
            found = fault.manner;
        }
    }
    if (found == FaultManner::flip_bit && event.operation != DiskOperation::read) return {};
    if (found) ++faults_done_;
    return found;
}

std::optional<FaultManner> DiskWork::begin(const DiskEvent& event) {
    if (is_stopped_) return FaultManner::fail;
    if (watcher_) watcher_(event, image_);
    ++counts_[static_cast<std::size_t>(std::countr_zero(bit_of(event.operation)))];
    mix(bit_of(event.operation));
    mix(bytes_of(event.path));
    mix(event.offset);
    mix(event.bytes);
    return fault_for(event);
}

DiskWork::Outcome DiskWork::end(Outcome outcome) {
    if (!is_stopped_) mix(static_cast<std::uint64_t>(outcome));
    return outcome;
}

template <typename Work>
DiskWork::Outcome DiskWork::whole(const DiskEvent& event, const Work& work) {
    const auto fault = begin(event);
    if (fault == FaultManner::power_cut) {
        static_cast<void>(work());
        is_stopped_ = true;
        return Outcome::failed;
    }
    if (fault == FaultManner::full && event.operation == DiskOperation::create) {
        return end(Outcome::full);
    }
    return end(fault ? Outcome::failed : work());
}

// --- Names ---------------------------------------------------------------------------------------

DiskWork::Outcome DiskWork::open(const std::string& path, FileNumber& file) {
    const Guard guard(mutex_);
    return whole({DiskOperation::open, path}, [&] {
        const auto found = image_.find(path);
        if (!found || image_.is_folder(path)) return Outcome::missing;
        file = *found;
        return Outcome::done;
    });
}

DiskWork::Outcome DiskWork::make(const std::string& path, bool is_folder, FileNumber& file) {
    const Guard guard(mutex_);
    return whole({DiskOperation::create, path}, [&] {
        if (image_.find(path)) return Outcome::taken;
        const auto made = image_.make(path, is_folder);
        if (!made) return Outcome::missing;
        file = *made;
        return Outcome::done;
    });
}

DiskWork::Outcome DiskWork::remove(const std::string& path) {
    const Guard guard(mutex_);
    return whole({DiskOperation::remove, path},
                 [&] { return image_.remove(path) ? Outcome::done : Outcome::missing; });
}

DiskWork::Outcome DiskWork::rename(const std::string& from, const std::string& to) {
    const Guard guard(mutex_);
    return whole({DiskOperation::rename, from},
                 [&] { return image_.rename(from, to) ? Outcome::done : Outcome::missing; });
}

DiskWork::Outcome DiskWork::look(const std::string& path, bool& is_there) {
    const Guard guard(mutex_);
    return whole({DiskOperation::look, path}, [&] {
        is_there = image_.find(path).has_value();
        return Outcome::done;
    });
}

DiskWork::Outcome DiskWork::look_size(const std::string& path, FileNumber file,
                                      std::uint64_t& size) {
    const Guard guard(mutex_);
    return whole({DiskOperation::look, path}, [&] {
        size = image_.size(file);
        return Outcome::done;
    });
}

// --- Content -------------------------------------------------------------------------------------

DiskWork::Outcome DiskWork::read(const std::string& path, FileNumber file, std::uint64_t offset,
                                 std::span<std::uint8_t> out, std::size_t& count) {
    const Guard guard(mutex_);
    const auto fault = begin({DiskOperation::read, path, offset, out.size()});
    if (fault == FaultManner::power_cut) is_stopped_ = true;
    if (fault && fault != FaultManner::flip_bit) return end(Outcome::failed);
    count = image_.read(file, offset, out);
    if (fault && count > 0) {
        out[chance_.below(count)] ^= static_cast<std::uint8_t>(1U << chance_.below(8));
    }
    return end(Outcome::done);
}

std::uint64_t DiskWork::room_for(FileNumber file) const {
    const std::uint64_t limit = image_.options().bytes_max;
    const std::uint64_t others = image_.bytes_used() - image_.size(file);
    return others > limit ? 0 : limit - others;
}

DiskWork::Outcome DiskWork::write_in_part(FileNumber file, std::uint64_t offset, ByteView bytes,
                                          Outcome outcome) {
    if (!bytes.empty()) image_.write(file, offset, bytes.first(chance_.below(bytes.size())));
    return end(outcome);
}

DiskWork::Outcome DiskWork::write(const std::string& path, FileNumber file, std::uint64_t offset,
                                  ByteView bytes) {
    const Guard guard(mutex_);
    const auto fault = begin({DiskOperation::write, path, offset, bytes.size()});
    mix(bytes);
    if (fault == FaultManner::cut_short) return write_in_part(file, offset, bytes, Outcome::failed);
    if (fault == FaultManner::full) return write_in_part(file, offset, bytes, Outcome::full);
    if (fault == FaultManner::power_cut) {
        image_.write(file, offset, bytes);
        is_stopped_ = true;
    }
    if (fault) return end(Outcome::failed);
    const std::uint64_t size = std::max(image_.size(file), offset + bytes.size());
    if (image_.options().bytes_max != ~0ULL && size > image_.size(file) && size > room_for(file)) {
        return write_in_part(file, offset, bytes, Outcome::full);
    }
    image_.write(file, offset, bytes);
    return end(Outcome::done);
}

DiskWork::Outcome DiskWork::resize(const std::string& path, FileNumber file, std::uint64_t size) {
    const Guard guard(mutex_);
    return whole({DiskOperation::resize, path, size}, [&] {
        image_.resize(file, size);
        return Outcome::done;
    });
}

DiskWork::Outcome DiskWork::sync(const std::string& path, FileNumber file) {
    const Guard guard(mutex_);
    const auto fault = begin({DiskOperation::sync, path});
    if (fault == FaultManner::power_cut) is_stopped_ = true;
    if (fault == FaultManner::lose_sync) image_.fail_sync(file, chance_);
    if (fault) return end(Outcome::failed);
    if (!ignores_syncs_) image_.sync(file);
    return end(Outcome::done);
}

DiskWork::Outcome DiskWork::sync_names(const std::string& folder) {
    const Guard guard(mutex_);
    const auto fault = begin({DiskOperation::sync, folder});
    if (fault == FaultManner::power_cut) is_stopped_ = true;
    if (fault) return end(Outcome::failed);
    if (!ignores_syncs_) image_.sync_names(folder);
    return end(Outcome::done);
}

// --- Locks ---------------------------------------------------------------------------------------

DiskWork::Outcome DiskWork::hold(const std::string& path) {
    const Guard guard(mutex_);
    const Outcome outcome = whole({DiskOperation::lock, path}, [&] {
        return image_.find(path) || image_.make(path, false) ? Outcome::done : Outcome::missing;
    });
    if (outcome != Outcome::done) return outcome;
    if (!held_.insert(path).second) return Outcome::taken;
    ++open_count_;
    return Outcome::done;
}

void DiskWork::let_go(const std::string& path) {
    const Guard guard(mutex_);
    held_.erase(path);
    --open_count_;
}

DiskWork::Outcome DiskWork::try_lock(const std::string& path) {
    const Guard guard(mutex_);
    return whole({DiskOperation::lock, path}, [] { return Outcome::done; });
}

// --- What is not an operation --------------------------------------------------------------------

bool DiskWork::is_folder(const std::string& path) const {
    const Guard guard(mutex_);
    return image_.is_folder(path);
}

DiskWork::FileNumber DiskWork::make_nameless() {
    const Guard guard(mutex_);
    return image_.make_nameless();
}

void DiskWork::note_open() {
    const Guard guard(mutex_);
    ++open_count_;
}

void DiskWork::note_close() {
    const Guard guard(mutex_);
    --open_count_;
}

std::uint64_t DiskWork::draw() {
    const Guard guard(mutex_);
    return chance_.next();
}

std::int64_t DiskWork::now_ms() const {
    const Guard guard(mutex_);
    return now_ms_ ? now_ms_() : fixed_day_ms;
}

std::uint32_t DiskWork::sector_bytes() const {
    return image_.options().sector_bytes;
}

bool DiskWork::is_powersafe() const {
    return image_.options().is_powersafe;
}

// --- From outside --------------------------------------------------------------------------------

DiskImage DiskWork::image() const {
    const Guard guard(mutex_);
    return image_;
}

void DiskWork::require_closed() const {
    GODWIT_ASSERT(open_count_ == 0);
}

void DiskWork::load(DiskImage image) {
    const Guard guard(mutex_);
    require_closed();
    image_ = std::move(image);
    planned_.clear();
    is_stopped_ = false;
}

void DiskWork::add_folder(const std::string& path) {
    const Guard guard(mutex_);
    for (std::size_t at = 0; at != std::string::npos;) {
        const std::size_t slash = at;
        at = path.find('/', slash + 1);
        const std::string part = path.substr(0, at);
        if (part.size() <= 1 || image_.is_folder(part)) continue;
        GODWIT_ASSERT(image_.make(part, true));
        image_.sync_names(slash == 0 ? "/" : path.substr(0, slash));
    }
}

void DiskWork::limit(std::uint64_t bytes_max) {
    const Guard guard(mutex_);
    image_.limit(bytes_max);
}

bool DiskWork::rot(const std::string& path) {
    const Guard guard(mutex_);
    return image_.rot(path, chance_);
}

void DiskWork::fail(DiskFault fault) {
    const Guard guard(mutex_);
    planned_.push_back({std::move(fault), 0});
}

void DiskWork::heal() {
    const Guard guard(mutex_);
    planned_.clear();
}

std::uint64_t DiskWork::faults_done() const {
    const Guard guard(mutex_);
    return faults_done_;
}

void DiskWork::ignore_syncs(bool is_ignored) {
    const Guard guard(mutex_);
    ignores_syncs_ = is_ignored;
}

void DiskWork::stop() {
    const Guard guard(mutex_);
    is_stopped_ = true;
}

bool DiskWork::is_stopped() const {
    const Guard guard(mutex_);
    return is_stopped_;
}

void DiskWork::start() {
    const Guard guard(mutex_);
    require_closed();
    image_.forget_nameless();
    planned_.clear();
    is_stopped_ = false;
}

void DiskWork::start_after_power_cut(Survival survival) {
    const Guard guard(mutex_);
    require_closed();
    image_ = image_.after_power_cut(survival, chance_);
    planned_.clear();
    is_stopped_ = false;
}

std::uint64_t DiskWork::count(DiskOperations operations) const {
    const Guard guard(mutex_);
    std::uint64_t sum = 0;
    for (std::size_t kind = 0; kind < counts_.size(); ++kind) {
        if ((operations & (1U << kind)) != 0) sum += counts_[kind];
    }
    return sum;
}

std::uint64_t DiskWork::trace_hash() const {
    const Guard guard(mutex_);
    return trace_;
}

void DiskWork::watch(DiskWatcher watcher) {
    const Guard guard(mutex_);
    watcher_ = std::move(watcher);
}

void DiskWork::tell_time(std::function<std::int64_t()> now_ms) {
    const Guard guard(mutex_);
    now_ms_ = std::move(now_ms);
}

}  // namespace godwit
