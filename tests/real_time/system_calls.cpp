// SPDX-License-Identifier: MIT
#include "system_calls.hpp"

#include "calls.hpp"

#if PORTSPAN_TEST_SEES_CALLS && __has_include(<linux/seccomp.h>) && \
    (defined(__x86_64__) || defined(__aarch64__))
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>

namespace real_time {

namespace {

using Name = std::array<char, 24>;
std::array<Name, 512> names;

void on_system_call(int, siginfo_t* info, void* context) {
    const auto number = static_cast<std::size_t>(info->si_syscall);
    notice(number < names.size() ? names[number].data() : "system call of another number");
    auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    registers.gregs[REG_RAX] = -ENOSYS;
#else
    registers.regs[0] = static_cast<unsigned long long>(-ENOSYS);
#endif
}

bool prepare() noexcept {
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::snprintf(names[i].data(), names[i].size(), "system call %zu", i);
    }
    struct sigaction action{};
    action.sa_sigaction = on_system_call;
    action.sa_flags = SA_SIGINFO;
    return sigaction(SIGSYS, &action, nullptr) == 0;
}

}  // namespace

bool refuse_system_calls() noexcept {
    static const bool is_prepared = prepare();
    std::array program{
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 3, 0),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 2, 0),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_gettime, 1, 0),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return is_prepared && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace real_time
#else
bool real_time::refuse_system_calls() noexcept { return false; }
#endif
