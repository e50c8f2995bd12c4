#include "tests/disk/image.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace godwit {
std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

namespace {

/// Tells disks apart quickly; nobody tries to deceive it.
class Sum {
public:
    void add(std::uint64_t number) {
        value_ = (value_ ^ number) * 0x9e3779b97f4a7c15U;
        value_ ^= value_ >> 29U;
    }
    void add(ByteView bytes) {
        add(bytes.size());
        for (; bytes.size() >= sizeof(std::uint64_t);
             bytes = bytes.subspan(sizeof(std::uint64_t))) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data(), sizeof word);
            add(word);
        }
        for (const std::uint8_t byte : bytes) add(std::uint64_t{byte});
    }
    void add(const FileContent& content) {
        add(content.size());
        std::array<std::uint8_t, FileContent::page_bytes> page{};
        for (std::uint64_t at = 0; at < content.size(); at += page.size()) {
            add(ByteView(page).first(content.read(at, page)));
        }
    }
    [[nodiscard]] std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_{};
};

}  // namespace

/// Decides what survives.
class DiskImage::Cut {
public:
    enum class Fate : std::uint8_t { kept, lost, torn, zeroed };

    Cut(Survival survival, std::uint64_t first, std::uint64_t last, DiskChance& chance)
        : chance_(chance), survival_(survival), last_(last) {
        if (survival_ == Survival::chance) {
            constexpr Survival each[] = {Survival::none,      Survival::all,  Survival::first_part,
                                         Survival::torn_last, Survival::some, Survival::some,
                                         Survival::only_last, Survival::some};
            survival_ = each[chance_.below(std::size(each))];
        }
        constexpr std::uint64_t odds[] = {10, 50, 90, 98};
        kept_percent_ = odds[chance_.below(std::size(odds))];
        if (last >= first) moment_ = first + chance_.below(last - first + 1);
    }

    /// Of one sector of what was written, or of a change that is whole or not at all.
    Fate fate(std::uint64_t order) {
        switch (survival_) {
            case Survival::none:
                return Fate::lost;
            case Survival::first_part:
                return order < moment_ ? Fate::kept : order > moment_ ? Fate::lost : broken();
            case Survival::torn_last:
                return order < last_ ? Fate::kept : broken();
            case Survival::only_last:
                return order == last_ ? Fate::kept : Fate::lost;
            case Survival::some:
                return chance_.happens(kept_percent_) ? Fate::kept : broken();
            default:
                return Fate::kept;
        }
    }
    bool keeps(std::uint64_t order) {
        const Fate found = fate(order);
        return found == Fate::kept || (found != Fate::lost && chance_.happens(50));
    }
    DiskChance& chance() { return chance_; }

private:
    Fate broken() {
        constexpr Fate each[] = {Fate::lost, Fate::lost, Fate::torn, Fate::zeroed, Fate::kept};
        return each[chance_.below(std::size(each))];
    }

    DiskChance& chance_;
    Survival survival_;
    std::uint64_t last_;
    std::uint64_t kept_percent_{};
    std::uint64_t moment_{};
};

DiskImage::DiskImage(DiskOptions options) : options_(options) {
    Node root;
    root.is_folder = true;
    nodes_[0] = Shared<Node>(std::move(root));
    now_["/"] = durable_["/"] = 0;
}

std::uint64_t DiskImage::bytes_used() const {
    std::uint64_t bytes = 0;
    for (const auto& [path, number] : now_) bytes += nodes_.at(number)->now.size();
    return bytes;
}

std::size_t DiskImage::unsynced_count() const {
    std::size_t count = name_changes_.size();
    for (const auto& [number, node] : nodes_) count += node->unsynced.size();
    return count;
}

// --- Names -------------------------------------------------------------------------------------

std::optional<DiskImage::FileNumber> DiskImage::find(const std::string& path) const {
    const auto found = now_.find(path);
    if (found == now_.end()) return std::nullopt;
    return found->second;
}

bool DiskImage::is_folder(const std::string& path) const {
    const auto found = now_.find(path);
    return found != now_.end() && nodes_.at(found->second)->is_folder;
}

std::vector<std::string> DiskImage::files() const {
    std::vector<std::string> out;
    for (const auto& [path, number] : now_) {
        if (!nodes_.at(number)->is_folder) out.push_back(path);
    }
    return out;
}

std::optional<DiskImage::FileNumber> DiskImage::make(const std::string& path, bool is_folder) {
    if (now_.contains(path) || !this->is_folder(folder_of(path))) return std::nullopt;
    const FileNumber number = make_nameless();
    nodes_[number].own().is_folder = is_folder;
    now_[path] = number;
    name_changes_.push_back({++last_order_, number, {}, path});
    return number;
}

DiskImage::FileNumber DiskImage::make_nameless() {
    nodes_[++last_file_] = Shared<Node>(Node{});
    return last_file_;
}

bool DiskImage::remove(const std::string& path) {
    const auto found = now_.find(path);
    if (found == now_.end() || nodes_.at(found->second)->is_folder) return false;
    name_changes_.push_back({++last_order_, found->second, path, {}});
    now_.erase(found);
    return true;
}

bool DiskImage::rename(const std::string& from, const std::string& to) {
    const auto found = now_.find(from);
    if (found == now_.end() || !is_folder(folder_of(to)) || is_folder(from) || is_folder(to)) {
        return false;
    }
    name_changes_.push_back({++last_order_, found->second, from, to});
    change(now_, name_changes_.back());
    return true;
}

void DiskImage::change(Names& names, const NameChange& change) {
    if (const auto found = names.find(change.from);
        found != names.end() && found->second == change.file) {
        names.erase(found);
    }
    if (!change.to.empty()) names[change.to] = change.file;
}

void DiskImage::sync_names(const std::string& folder) {
    std::vector<NameChange> others;
    for (const NameChange& each : name_changes_) {
        if (folder_of(each.to.empty() ? each.from : each.to) == folder) {
            change(durable_, each);
        } else {
            others.push_back(each);
        }
    }
    name_changes_ = std::move(others);
}

// --- Content -----------------------------------------------------------------------------------

std::uint64_t DiskImage::size(FileNumber file) const {
    return nodes_.at(file)->now.size();
}

std::size_t DiskImage::read(FileNumber file, std::uint64_t offset,
                            std::span<std::uint8_t> out) const {
    return nodes_.at(file)->now.read(offset, out);
}

void DiskImage::note_dirty(Node& node, std::uint64_t from, std::uint64_t to) {
    const auto first = static_cast<std::size_t>(from / FileContent::page_bytes);
    const auto end =
        static_cast<std::size_t>((to + FileContent::page_bytes - 1) / FileContent::page_bytes);
    for (std::size_t page = first; page < end; ++page) {
        if (node.dirty.empty() || node.dirty.back() != page) node.dirty.push_back(page);
    }
}

void DiskImage::write(FileNumber file, std::uint64_t offset, ByteView bytes) {
    Node& node = nodes_.at(file).own();
    note_dirty(node, std::min(offset, node.now.size()), offset + bytes.size());
    node.now.write(offset, bytes);
    node.unsynced.push_back({++last_order_, false, offset, Shared<Bytes>(copy_of(bytes))});
}

void DiskImage::resize(FileNumber file, std::uint64_t size) {
    Node& node = nodes_.at(file).own();
    note_dirty(node, std::min(size, node.now.size()), std::max(size, node.now.size()));
    node.now.resize(size);
    node.unsynced.push_back({++last_order_, true, size, {}});
}

void DiskImage::sync(FileNumber file) {
    if (nodes_.at(file)->unsynced.empty()) return;
    Node& node = nodes_.at(file).own();
    node.durable.take_size(node.now);
    for (const std::size_t page : node.dirty) node.durable.take_page(node.now, page);
    node.dirty.clear();
    node.unsynced.clear();
}

void DiskImage::fail_sync(FileNumber file, DiskChance& chance) {
    Node& node = nodes_.at(file).own();
    if (node.unsynced.empty()) return;
    Cut cut(Survival::chance, node.unsynced.front().order, node.unsynced.back().order, chance);
    node.durable = survived(node, cut);
    node.dirty.clear();
    node.unsynced.clear();
}

std::uint64_t DiskImage::fingerprint() const {
    Sum sum;
    for (const auto& [path, number] : now_) {
        sum.add(bytes_of(path));
        sum.add(nodes_.at(number)->now);
    }
    return sum.value();
}

std::uint64_t DiskImage::whole_fingerprint() const {
    Sum sum;
    sum.add(fingerprint());
    for (const auto& [path, number] : durable_) {
        sum.add(bytes_of(path));
        sum.add(nodes_.at(number)->durable);
    }
    for (const auto& [number, node] : nodes_) {
        for (const Unsynced& each : node->unsynced) {
            sum.add(each.offset);
            if (!each.is_resize) sum.add(*each.bytes);
        }
    }
    for (const NameChange& each : name_changes_) {
        sum.add(bytes_of(each.from));
        sum.add(bytes_of(each.to));
    }
    return sum.value();
}

bool DiskImage::rot(const std::string& path, DiskChance& chance) {
    const auto file = find(path);
    if (!file || size(*file) == 0) return false;
    Node& node = nodes_.at(*file).own();
    const std::uint64_t offset = chance.below(node.now.size());
    const auto bit = static_cast<std::uint8_t>(1U << chance.below(8));
    for (FileContent* content : {&node.now, &node.durable}) {
        std::uint8_t byte = 0;
        if (content->read(offset, {&byte, 1}) != 1) continue;
        byte ^= bit;
        content->write(offset, {&byte, 1});
    }
    return true;
}

// --- Power cut ---------------------------------------------------------------------------------

void DiskImage::write_part(FileContent& content, const Unsynced& write, Cut& cut) const {
    const Bytes& bytes = *write.bytes;
    for (std::size_t done = 0; done < bytes.size();) {
        const std::uint64_t offset = write.offset + done;
        const std::size_t left = options_.sector_bytes - offset % options_.sector_bytes;
        const std::size_t count = std::min(bytes.size() - done, left);
        const ByteView part = ByteView(bytes).subspan(done, count);
        switch (cut.fate(write.order)) {
            case Cut::Fate::kept:
                content.write(offset, part);
                break;
            case Cut::Fate::torn: {
                const std::size_t at = cut.chance().below(count + 1);
                const bool is_first_kept = cut.chance().happens(70);
                const std::size_t from = is_first_kept ? 0 : at;
                content.write(offset + from, part.subspan(from, is_first_kept ? at : count - at));
                break;
            }
            case Cut::Fate::zeroed:
                if (options_.is_powersafe) {
                    content.write(offset, Bytes(count));
                } else {
                    content.write(offset - offset % options_.sector_bytes,
                                  Bytes(options_.sector_bytes));
                }
                break;
            case Cut::Fate::lost:
                break;
        }
        done += count;
    }
}

FileContent DiskImage::survived(const Node& node, Cut& cut) const {
    FileContent content = node.durable;
    for (const Unsynced& each : node.unsynced) {
        if (!each.is_resize) {
            write_part(content, each, cut);
        } else if (cut.keeps(each.order)) {
            content.resize(each.offset);
        }
    }
    return content;
}

DiskImage DiskImage::after_power_cut(Survival survival, DiskChance& chance) const {
    std::uint64_t first = last_order_ + 1;
    std::uint64_t last = 0;
    const auto note = [&](std::uint64_t order) {
        first = std::min(first, order);
        last = std::max(last, order);
    };
    for (const NameChange& each : name_changes_) note(each.order);
    for (const auto& [number, node] : nodes_) {
        if (node->unsynced.empty()) continue;
        note(node->unsynced.front().order);
        note(node->unsynced.back().order);
    }
    Cut cut(survival, first, last, chance);

    DiskImage out = *this;
    for (const NameChange& each : name_changes_) {
        if (cut.keeps(each.order)) change(out.durable_, each);
    }
    for (auto& [number, node] : out.nodes_) {
        // What a failed sync gave up is seen no more: even a file without unsynced writes changes.
        Node& own = node.own();
        own.durable = survived(own, cut);
        own.now = own.durable;
        own.unsynced.clear();
        own.dirty.clear();
    }
    out.name_changes_.clear();
    out.drop_unreachable();
    out.now_ = out.durable_;
    out.forget_nameless();
    return out;
}

void DiskImage::drop_unreachable() {
    // Folders come before what lies in them.
    for (auto each = durable_.begin(); each != durable_.end();) {
        const auto folder = durable_.find(folder_of(each->first));
        const bool is_reachable = folder != durable_.end() && nodes_.at(folder->second)->is_folder;
        each = is_reachable ? std::next(each) : durable_.erase(each);
    }
}

void DiskImage::forget_nameless() {
    std::set<FileNumber> named;
    for (const Names* names : {&now_, &durable_}) {
        for (const auto& [path, number] : *names) named.insert(number);
    }
    for (const NameChange& each : name_changes_) named.insert(each.file);
    std::erase_if(nodes_, [&](const auto& node) { return !named.contains(node.first); });
}

}  // namespace godwit
