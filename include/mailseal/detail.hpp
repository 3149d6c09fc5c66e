// What the other headers of mailseal share. Not for programs.
#ifndef MAILSEAL_DETAIL_HPP
#define MAILSEAL_DETAIL_HPP

#include <mailseal/error.hpp>

#include <chrono>
#include <iterator>
#include <mutex>

namespace mailseal {

/// Time is an argument of each call that looks at a letter; mailseal reads no clock.
using Time = std::chrono::system_clock::time_point;

/// Things by number, made as they are asked for. Holds what they belong to, so it may outlive what it came from; beyond
/// its end are empty things, never a crash. Made for `for`, `[]` and the algorithms that read once.
template <class Item, class Parent>
class List {
public:
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Item;
        using difference_type = std::ptrdiff_t;
        using reference = Item;
        struct pointer {
            Item item;
            const Item* operator->() const noexcept { return &item; }
        };

        iterator() = default;
        Item operator*() const { return item_(parent_, index_); }
        pointer operator->() const { return {**this}; }
        iterator& operator++() noexcept { ++index_; return *this; }
        iterator operator++(int) { auto before = *this; ++index_; return before; }
        friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.index_ == b.index_; }
        friend bool operator!=(const iterator& a, const iterator& b) noexcept { return a.index_ != b.index_; }

    private:
        friend class List;
        std::shared_ptr<const Parent> parent_;
        Item (*item_)(const std::shared_ptr<const Parent>&, std::size_t) = nullptr;
        std::size_t index_ = 0;
    };

    List(std::shared_ptr<const Parent> parent, std::size_t size, Item (*item)(const std::shared_ptr<const Parent>&, std::size_t))
        : size_(size) {
        begin_.parent_ = std::move(parent);
        begin_.item_ = item;
    }

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    Item operator[](std::size_t index) const { return begin_.item_(begin_.parent_, index); }
    iterator begin() const { return begin_; }
    iterator end() const {
        auto end = begin_;
        end.index_ = size_;
        return end;
    }

private:
    iterator begin_;
    std::size_t size_;
};

namespace detail {

inline std::int64_t seconds(Time at) noexcept {
    return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}

/// `Time::max()` for all that is later.
inline Time time(std::int64_t seconds) noexcept {
    const auto most = std::chrono::duration_cast<std::chrono::seconds>(Time::max().time_since_epoch()).count();
    const auto least = std::chrono::duration_cast<std::chrono::seconds>(Time::min().time_since_epoch()).count();
    if (seconds >= most) return Time::max();
    return Time(std::chrono::seconds(seconds < least ? least : seconds));
}

/// A part of `parent`, which it keeps alive.
template <class Part, class Parent>
std::shared_ptr<const Part> part(const std::shared_ptr<const Parent>& parent, const Part* part) noexcept {
    return std::shared_ptr<const Part>(parent, part);
}

/// What a setting of a recipe could not do, kept until the recipe is used: chains stay short, and nothing is lost.
class Faults {
public:
    explicit Faults(std::shared_ptr<const Faults> before = nullptr) : before_(std::move(before)) {}

    /// Keeps the first failure.
    void keep(mailseal_status status, mailseal_error* taken) {
        if (status == MAILSEAL_OK) return;
        Error error(status, taken);
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!first_) first_ = std::move(error);
    }

    /// The first failure, here or in what this was made of.
    std::optional<Error> first() const {
        if (before_ != nullptr)
            if (auto error = before_->first()) return error;
        const std::lock_guard<std::mutex> lock(mutex_);
        return first_;
    }

private:
    std::shared_ptr<const Faults> before_;
    mutable std::mutex mutex_;
    std::optional<Error> first_;
};

/// An object of C that copies share, and what its settings could not do. Moving it copies it: it is never empty.
template <class Object, auto Function>
class Recipe {
public:
    Recipe(Object* taken, std::shared_ptr<const Faults> before = nullptr)
        : object_(taken, Free<Function>()), faults_(std::make_shared<Faults>(std::move(before))) {}
    Recipe(const Recipe&) = default;
    Recipe& operator=(const Recipe&) = default;
    Object* c() const noexcept { return object_.get(); }
    const std::shared_ptr<Faults>& faults() const noexcept { return faults_; }

private:
    std::shared_ptr<Object> object_;
    std::shared_ptr<Faults> faults_;
};

/// Runs a callback of the program, of which nothing fails. No exception goes on into C: it is what `otherwise` says.
template <class Call>
std::int32_t quiet(std::int32_t otherwise, Call&& call) noexcept {
    const auto before = std::exchange(thrown(), nullptr);  // it may call mailseal
    auto answer = otherwise;
#if MAILSEAL_HAS_EXCEPTIONS
    try {
        answer = call();
    } catch (...) {
    }
#else
    answer = call();
#endif
    thrown() = before;
    return answer;
}

/// The same; where the call fails for it, the exception comes out of that.
template <class Call>
std::int32_t guarded(std::int32_t otherwise, Call&& call) noexcept {
    std::exception_ptr fresh;
    const auto answer = quiet(otherwise, [&] {
#if MAILSEAL_HAS_EXCEPTIONS
        try {
            return static_cast<std::int32_t>(call());
        } catch (...) {
            fresh = std::current_exception();
            return otherwise;
        }
#else
        return static_cast<std::int32_t>(call());
#endif
    });
    if (thrown() == nullptr) thrown() = std::move(fresh);
    return answer;
}

/// Frees what a callback was given.
template <class Function>
void finalize(void* function) noexcept { delete static_cast<Function*>(function); }

}  // namespace detail

}  // namespace mailseal

#endif  // MAILSEAL_DETAIL_HPP
