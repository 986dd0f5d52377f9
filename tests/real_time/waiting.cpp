// SPDX-License-Identifier: MIT
// Locks, conditions, semaphores, threads, sleep: what waits, and what wakes somebody.
#include "calls.hpp"

#if PORTSPAN_TEST_SEES_CALLS
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <ctime>

#include "interpose.hpp"

using Mutex = pthread_mutex_t;
using RwLock = pthread_rwlock_t;
using Condition = pthread_cond_t;
using Time = timespec;

#define CALL PORTSPAN_TEST_INTERPOSE
CALL(int, pthread_mutex_lock, (Mutex * mutex), mutex)
CALL(int, pthread_mutex_trylock, (Mutex * mutex), mutex)
CALL(int, pthread_mutex_timedlock, (Mutex * mutex, const Time* until), mutex, until)
CALL(int, pthread_mutex_clocklock, (Mutex * mutex, clockid_t clock, const Time* until), mutex,
     clock, until)
CALL(int, pthread_mutex_unlock, (Mutex * mutex), mutex)
CALL(int, pthread_rwlock_rdlock, (RwLock * lock), lock)
CALL(int, pthread_rwlock_tryrdlock, (RwLock * lock), lock)
CALL(int, pthread_rwlock_timedrdlock, (RwLock * lock, const Time* until), lock, until)
CALL(int, pthread_rwlock_clockrdlock, (RwLock * lock, clockid_t clock, const Time* until), lock,
     clock, until)
CALL(int, pthread_rwlock_clockwrlock, (RwLock * lock, clockid_t clock, const Time* until), lock,
     clock, until)
CALL(int, pthread_rwlock_wrlock, (RwLock * lock), lock)
CALL(int, pthread_rwlock_trywrlock, (RwLock * lock), lock)
CALL(int, pthread_rwlock_timedwrlock, (RwLock * lock, const Time* until), lock, until)
CALL(int, pthread_rwlock_unlock, (RwLock * lock), lock)
CALL(int, pthread_spin_lock, (pthread_spinlock_t * lock), lock)
CALL(int, pthread_spin_trylock, (pthread_spinlock_t * lock), lock)
CALL(int, pthread_spin_unlock, (pthread_spinlock_t * lock), lock)
CALL(int, pthread_cond_wait, (Condition * condition, Mutex* mutex), condition, mutex)
CALL(int, pthread_cond_timedwait, (Condition * condition, Mutex* mutex, const Time* until),
     condition, mutex, until)
CALL(int, pthread_cond_clockwait,
     (Condition * condition, Mutex* mutex, clockid_t clock, const Time* until), condition, mutex,
     clock, until)
CALL(int, pthread_cond_signal, (Condition * condition), condition)
CALL(int, pthread_cond_broadcast, (Condition * condition), condition)
CALL(int, pthread_barrier_wait, (pthread_barrier_t * barrier), barrier)
CALL(int, pthread_once, (pthread_once_t * once, void (*call)()), once, call)
CALL(int, sem_wait, (sem_t * semaphore), semaphore)
CALL(int, sem_trywait, (sem_t * semaphore), semaphore)
CALL(int, sem_timedwait, (sem_t * semaphore, const Time* until), semaphore, until)
CALL(int, sem_clockwait, (sem_t * semaphore, clockid_t clock, const Time* until), semaphore, clock,
     until)
CALL(int, sem_post, (sem_t * semaphore), semaphore)
CALL(int, pthread_create,
     (pthread_t * thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument),
     thread, attributes, run, argument)
CALL(int, pthread_join, (pthread_t thread, void** result), thread, result)
CALL(int, pthread_detach, (pthread_t thread), thread)
CALL(int, pthread_kill, (pthread_t thread, int signal), thread, signal)
CALL(int, sched_yield, ())
CALL(int, nanosleep, (const Time* time, Time* rest), time, rest)
CALL(int, clock_nanosleep, (clockid_t clock, int flags, const Time* time, Time* rest), clock, flags,
     time, rest)
CALL(int, usleep, (unsigned microseconds), microseconds)
CALL(unsigned, sleep, (unsigned seconds), seconds)
CALL(int, poll, (pollfd * files, nfds_t count, int time), files, count, time)
CALL(int, ppoll, (pollfd * files, nfds_t count, const Time* time, const sigset_t* signals), files,
     count, time, signals)
CALL(int, select, (int count, fd_set* in, fd_set* out, fd_set* other, timeval* time), count, in,
     out, other, time)
CALL(int, pselect,
     (int count, fd_set* in, fd_set* out, fd_set* other, const Time* time, const sigset_t* signals),
     count, in, out, other, time, signals)
CALL(int, epoll_wait, (int file, epoll_event* events, int most, int time), file, events, most, time)
CALL(int, epoll_ctl, (int file, int operation, int other, epoll_event* event), file, operation,
     other, event)
#endif
