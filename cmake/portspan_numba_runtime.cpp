// SPDX-License-Identifier: MIT
// What compiled Numba code expects of its interpreter, served without one. portspan_export.py
// renames the symbols that a callback refers to, so that this file, compiled once for each
// callback, defines a private set of them and two callbacks in one program never meet. Written in
// what C and C++ have in common; it needs nothing but the C library.

// PORTSPAN_CALLBACK, its message table and the sizes below come from the file that includes this
// one: portspan_export.py writes it for each callback.
#ifndef PORTSPAN_CALLBACK
#error "portspan_export.py writes a source file that includes this one"
#endif

#include <stddef.h>
#include <stdint.h>

#define PORTSPAN_PASTE_3(a, b, c) a##b##c
#define PORTSPAN_PASTE(a, b, c) PORTSPAN_PASTE_3(a, b, c)
#define PORTSPAN_TEXT_2(x) #x
#define PORTSPAN_TEXT(x) PORTSPAN_TEXT_2(x)
#define PORTSPAN_PRIVATE(symbol) PORTSPAN_PASTE(portspan_, PORTSPAN_CALLBACK, _##symbol)
#define PORTSPAN_ERROR_FUNCTION PORTSPAN_PASTE(PORTSPAN_CALLBACK, _, error)
#define PORTSPAN_DESCRIPTION PORTSPAN_PASTE(PORTSPAN_CALLBACK, _, portspan)
#define PORTSPAN_FAILURES_FUNCTION PORTSPAN_PASTE(PORTSPAN_CALLBACK, _, portspan_error)
#define PORTSPAN_LAYOUT PORTSPAN_PASTE(PORTSPAN_CALLBACK, _, portspan_state)
#define PORTSPAN_INITIAL PORTSPAN_PASTE(PORTSPAN_CALLBACK, _, portspan_initial)

#if defined(_WIN32)
#if defined(PORTSPAN_CALLBACK_MODULE)
#define PORTSPAN_PUBLIC __declspec(dllexport)
#else
#define PORTSPAN_PUBLIC
#endif
#define PORTSPAN_HIDDEN
#else
#define PORTSPAN_PUBLIC __attribute__((visibility("default")))
#define PORTSPAN_HIDDEN __attribute__((visibility("hidden")))
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#define PORTSPAN_THREAD __declspec(thread)
#define PORTSPAN_TAKE(flag) (_InterlockedExchange((flag), 1) == 0)
#define PORTSPAN_GIVE(flag) ((void)_InterlockedExchange((flag), 0))
#define PORTSPAN_PUBLISH(to, text) \
    ((void)_InterlockedExchangePointer((void* volatile*)(to), (void*)(text)))
#define PORTSPAN_READ(from) (*(from))
#define PORTSPAN_COUNT(number) ((void)_InterlockedIncrement(number))
#else
#if defined(__ELF__)
// Initial-exec storage exists from the moment a thread does; the general kind may be allocated at
// its first use, which would be on the audio thread.
#define PORTSPAN_THREAD __thread __attribute__((tls_model("initial-exec")))
#else
#define PORTSPAN_THREAD __thread
#endif
#define PORTSPAN_TAKE(flag) (__atomic_exchange_n((flag), 1, __ATOMIC_ACQUIRE) == 0)
#define PORTSPAN_GIVE(flag) __atomic_store_n((flag), 0, __ATOMIC_RELEASE)
#define PORTSPAN_PUBLISH(to, text) __atomic_store_n((to), (const char*)(text), __ATOMIC_RELEASE)
#define PORTSPAN_READ(from) __atomic_load_n((from), __ATOMIC_ACQUIRE)
#define PORTSPAN_COUNT(number) ((void)__atomic_add_fetch((number), 1, __ATOMIC_RELEASE))
#endif

#define PORTSPAN_GUARDED (PORTSPAN_CALLBACK_RAISES || PORTSPAN_CALLBACK_ALLOCATES)

#if PORTSPAN_CALLBACK_CHECKS_CPU
#include "portspan_numba_cpu.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

// As portspan/description.h has it, which need not be there where this is compiled.
struct portspan_description {
    uint32_t abi_version, size, input_format, output_format, layout, properties;
    int32_t input_channels, output_channels;
    uint64_t state_size, state_hash, largest_block, reserved;
};

PORTSPAN_PUBLIC extern const struct portspan_description PORTSPAN_DESCRIPTION;
const struct portspan_description PORTSPAN_DESCRIPTION = {PORTSPAN_CALLBACK_DESCRIPTION};

#if defined(PORTSPAN_CALLBACK_LAYOUT)
PORTSPAN_PUBLIC extern const char PORTSPAN_LAYOUT[];
const char PORTSPAN_LAYOUT[] = PORTSPAN_CALLBACK_LAYOUT;
#endif

// Where there is none, a new state is one of zeros.
#if defined(PORTSPAN_CALLBACK_INITIAL)
PORTSPAN_PUBLIC extern const unsigned char PORTSPAN_INITIAL[PORTSPAN_CALLBACK_INITIAL_SIZE];
const unsigned char PORTSPAN_INITIAL[PORTSPAN_CALLBACK_INITIAL_SIZE] = {PORTSPAN_CALLBACK_INITIAL};
#endif

// The text of the last failure. It stays: the caller reads it after the stream has ended.
static const char* portspan_failure = NULL;
static volatile long portspan_failures = 0;

// The count after the text: whoever sees the one sees the other.
static void portspan_publish(const char* text) {
    PORTSPAN_PUBLISH(&portspan_failure, text);
    PORTSPAN_COUNT(&portspan_failures);
}

PORTSPAN_PUBLIC const char* PORTSPAN_ERROR_FUNCTION(void);
const char* PORTSPAN_ERROR_FUNCTION(void) { return PORTSPAN_READ(&portspan_failure); }

// The same for portspan, which has to know whether it is news (FailureReport of its callback.hpp).
PORTSPAN_PUBLIC const char* PORTSPAN_FAILURES_FUNCTION(unsigned long* count);
const char* PORTSPAN_FAILURES_FUNCTION(unsigned long* count) {
    *count = (unsigned long)PORTSPAN_READ(&portspan_failures);
    return PORTSPAN_READ(&portspan_failure);
}

#if !PORTSPAN_CALLBACK_BARE

PORTSPAN_HIDDEN int PORTSPAN_PRIVATE(compiled)(const void*, void*, unsigned long, const void*,
                                               unsigned long, void*);
PORTSPAN_PUBLIC int PORTSPAN_CALLBACK(const void*, void*, unsigned long, const void*, unsigned long,
                                      void*);

#if PORTSPAN_CALLBACK_STATE_SIZE
// Stands in where the stream has no state of its own; one for each library, so two such streams
// would share it.
static union {
    unsigned char bytes[PORTSPAN_CALLBACK_STATE_SIZE];
    long long integer;
    double number;
    void* pointer;
} portspan_default_state;
#define PORTSPAN_STATE(given) ((given) != NULL ? (given) : (void*)portspan_default_state.bytes)
#else
#define PORTSPAN_STATE(given) (given)
#endif

#if PORTSPAN_CALLBACK_NEEDS_STATE
static const char portspan_stateless[] =
    PORTSPAN_TEXT(PORTSPAN_CALLBACK) ": the callback needs a state";
#endif

#endif

#if PORTSPAN_CALLBACK_ALLOCATES

#include <setjmp.h>
#include <string.h>

#define PORTSPAN_ARENAS 8
// What the vector units like, and more than any alignment that Numba asks for.
#define PORTSPAN_ALIGNMENT 64

// One block of memory for each call that is under way; a call claims one, so that streams need not
// wait for each other.
static union {
    unsigned char bytes[PORTSPAN_CALLBACK_ARENA + PORTSPAN_ALIGNMENT];
    double number;
    void* pointer;
} portspan_arenas[PORTSPAN_ARENAS];

#if defined(_MSC_VER) && !defined(__clang__)
static volatile long portspan_taken[PORTSPAN_ARENAS];
#else
static int portspan_taken[PORTSPAN_ARENAS];
#endif

#endif

#if PORTSPAN_GUARDED

// What belongs to one call: lives on its stack and is found through the thread.
struct portspan_call {
    const char* failure;
#if PORTSPAN_CALLBACK_RAISES
    const struct portspan_message* message;
    int place;
#endif
#if PORTSPAN_CALLBACK_ALLOCATES
    unsigned char* arena;
    size_t used;
    size_t last;
    jmp_buf out;
#endif
};

static PORTSPAN_THREAD struct portspan_call* portspan_current = NULL;

// The first failure is the cause; what follows it is its consequence.
static void portspan_fail(const char* text) {
    if (portspan_current->failure == NULL) portspan_current->failure = text;
}

#endif

#if PORTSPAN_CALLBACK_ALLOCATES

// Every allocation follows such a header, so that the newest ones can be taken back in any order of
// their release: a loop that makes a temporary in each round then needs the room of one.
struct portspan_header {
    size_t previous;
    size_t size;
    size_t released;
};

#define PORTSPAN_NONE ((size_t)-1)
#define PORTSPAN_HEADER PORTSPAN_ALIGNMENT

// Does not return where the arena is too small: Numba does not look at every result, and would
// write through NULL.
PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_Allocate)(size_t size) {
    struct portspan_call* call = portspan_current;
    size_t room = PORTSPAN_CALLBACK_ARENA - call->used;
    struct portspan_header* header;
    if (room < PORTSPAN_HEADER || size > room - PORTSPAN_HEADER) {
        portspan_fail("MemoryError: the arena of " PORTSPAN_TEXT(
            PORTSPAN_CALLBACK_ARENA) " bytes is too small; see ARENA of portspan_add_numba_callback");
        longjmp(call->out, 1);
    }
    header = (struct portspan_header*)(void*)(call->arena + call->used);
    header->previous = call->last;
    header->released = 0;
    header->size = size;
    call->last = call->used;
    size += PORTSPAN_HEADER;
    size += (PORTSPAN_ALIGNMENT - size % PORTSPAN_ALIGNMENT) % PORTSPAN_ALIGNMENT;
    call->used = size < room ? call->used + size : PORTSPAN_CALLBACK_ARENA;
    return (unsigned char*)header + PORTSPAN_HEADER;
}

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(NRT_Free)(void* memory) {
    struct portspan_call* call = portspan_current;
    struct portspan_header* header;
    if (memory == NULL) return;
    header = (struct portspan_header*)(void*)((unsigned char*)memory - PORTSPAN_HEADER);
    header->released = 1;
    while (call->last != PORTSPAN_NONE) {
        header = (struct portspan_header*)(void*)(call->arena + call->last);
        if (!header->released) break;
        call->used = call->last;
        call->last = header->previous;
    }
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_Reallocate)(void* memory, size_t size) {
    struct portspan_call* call = portspan_current;
    const struct portspan_header* header;
    void* moved;
    if (memory == NULL) return PORTSPAN_PRIVATE(NRT_Allocate)(size);
    header = (const struct portspan_header*)(void*)((unsigned char*)memory - PORTSPAN_HEADER);
    if (size <= header->size) return memory;
    // The newest allocation can grow where it is.
    if ((const unsigned char*)header == call->arena + call->last &&
        size <= PORTSPAN_CALLBACK_ARENA - call->last - PORTSPAN_HEADER) {
        call->used = call->last;
        call->last = header->previous;
        return PORTSPAN_PRIVATE(NRT_Allocate)(size);
    }
    moved = PORTSPAN_PRIVATE(NRT_Allocate)(size);
    memcpy(moved, memory, header->size);
    PORTSPAN_PRIVATE(NRT_Free)(memory);
    return moved;
}

typedef void (*portspan_destructor)(void* data, size_t size, void* info);

// The layout that compiled code reads: Numba's NRT_MemInfo, the same from 0.56 to 0.68.
struct portspan_mem_info {
    size_t references;
    portspan_destructor destructor;
    void* destructor_info;
    void* data;
    size_t size;
    void* allocator;
};

static struct portspan_mem_info* portspan_mem_info(size_t extra, portspan_destructor destructor) {
    struct portspan_mem_info* info;
    // A size that wraps around must not turn into a small one that fits.
    if (extra > (size_t)PORTSPAN_CALLBACK_ARENA) extra = (size_t)PORTSPAN_CALLBACK_ARENA;
    info = (struct portspan_mem_info*)PORTSPAN_PRIVATE(NRT_Allocate)(PORTSPAN_ALIGNMENT + extra);
    info->references = 1;
    info->destructor = destructor;
    info->destructor_info = NULL;
    info->data = (unsigned char*)info + PORTSPAN_ALIGNMENT;
    info->size = extra;
    info->allocator = NULL;
    return info;
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_MemInfo_alloc)(size_t size) {
    return portspan_mem_info(size, NULL);
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_MemInfo_alloc_safe)(size_t size) {
    return portspan_mem_info(size, NULL);
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_MemInfo_alloc_aligned)(size_t size, unsigned alignment) {
    (void)alignment;
    return portspan_mem_info(size, NULL);
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_MemInfo_alloc_safe_aligned)(size_t size,
                                                                       unsigned alignment) {
    (void)alignment;
    return portspan_mem_info(size, NULL);
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_MemInfo_alloc_dtor)(size_t size,
                                                               portspan_destructor destructor) {
    return portspan_mem_info(size, destructor);
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_MemInfo_alloc_dtor_safe)(
    size_t size, portspan_destructor destructor) {
    return portspan_mem_info(size, destructor);
}

// Lists and sets keep their items apart from the MemInfo, so that they can grow.
PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_MemInfo_new_varsize)(size_t size) {
    struct portspan_mem_info* info = portspan_mem_info(0, NULL);
    info->data = PORTSPAN_PRIVATE(NRT_Allocate)(size);
    info->size = size;
    return info;
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_MemInfo_new_varsize_dtor)(
    size_t size, portspan_destructor destructor) {
    struct portspan_mem_info* info =
        (struct portspan_mem_info*)PORTSPAN_PRIVATE(NRT_MemInfo_new_varsize)(size);
    info->destructor = destructor;
    return info;
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_MemInfo_varsize_alloc)(void* mem_info, size_t size) {
    struct portspan_mem_info* info = (struct portspan_mem_info*)mem_info;
    info->data = PORTSPAN_PRIVATE(NRT_Allocate)(size);
    info->size = size;
    return info->data;
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(NRT_MemInfo_varsize_realloc)(void* mem_info, size_t size) {
    struct portspan_mem_info* info = (struct portspan_mem_info*)mem_info;
    info->data = PORTSPAN_PRIVATE(NRT_Reallocate)(info->data, size);
    info->size = size;
    return info->data;
}

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(NRT_MemInfo_varsize_free)(void* mem_info, void* memory) {
    struct portspan_mem_info* info = (struct portspan_mem_info*)mem_info;
    PORTSPAN_PRIVATE(NRT_Free)(memory);
    if (memory == info->data) info->data = NULL;
}

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(NRT_MemInfo_call_dtor)(void* mem_info) {
    struct portspan_mem_info* info = (struct portspan_mem_info*)mem_info;
    if (info->destructor != NULL) info->destructor(info->data, info->size, info->destructor_info);
    if (info->data != NULL && info->data != (unsigned char*)info + PORTSPAN_ALIGNMENT)
        PORTSPAN_PRIVATE(NRT_Free)(info->data);
    PORTSPAN_PRIVATE(NRT_Free)(info);
}

#else

// Without an allocation there is nothing to release; code that nothing reaches may still refer to
// these.
PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(NRT_Free)(void* memory) { (void)memory; }

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(NRT_MemInfo_call_dtor)(void* mem_info) { (void)mem_info; }

#endif

#if PORTSPAN_CALLBACK_RAISES

// A raised exception reaches the C wrapper as a pickled constant; the exporter has read each of
// them and left its text.
static void* portspan_raise(const char* pickled, size_t size) {
    const struct portspan_message* message = portspan_messages;
    const char* text = "RuntimeError: an exception without a known text";
    for (; message->text != NULL; ++message) {
        size_t i = 0;
        if (message->size != size) continue;
        while (i < size && (unsigned char)pickled[i] == message->pickled[i]) ++i;
        if (i == size) {
            text = message->text;
            break;
        }
    }
    if (portspan_current->failure == NULL && message->text != NULL)
        portspan_current->message = message;
    portspan_fail(text);
    // Stands for a Python object; only compared with NULL.
    return portspan_current;
}

// A call in the user's code has failed and passes it on; the innermost comes first.
PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(portspan_raised_at)(int place) {
    if (portspan_current->place == 0) portspan_current->place = place;
}

static const char* portspan_reason(const struct portspan_call* call) {
    const struct portspan_message* message = call->message;
    int i;
    if (message == NULL || message->placed == NULL) return call->failure;
    for (i = 0; portspan_places[i] != 0; ++i)
        if (portspan_places[i] == call->place) return message->placed[i];
    return call->failure;
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(numba_unpickle)(const char* pickled, int size,
                                                       const char* hash) {
    (void)hash;
    return portspan_raise(pickled, (size_t)size);
}

// Newer Numba: an exception whose arguments are known only when it is raised.
PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(PyBytes_FromStringAndSize)(const char* pickled,
                                                                  ptrdiff_t size) {
    return portspan_raise(pickled, (size_t)size);
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(numba_runtime_build_excinfo_struct)(void* pickled,
                                                                           void* arguments) {
    (void)arguments;
    return pickled;
}

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(numba_do_raise)(void* exception) { (void)exception; }

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(PyErr_SetString)(const void* kind, const char* text) {
    (void)kind;
    portspan_fail(text);
}

// The exporter's list defines each exception object as its own name.
PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(PyErr_SetNone)(const void* kind) {
    portspan_fail((const char*)kind);
}

#define PORTSPAN_EXCEPTION(name)                                        \
    extern PORTSPAN_HIDDEN const char PORTSPAN_PRIVATE(PyExc_##name)[]; \
    const char PORTSPAN_PRIVATE(PyExc_##name)[] = #name;
PORTSPAN_CALLBACK_EXCEPTIONS(PORTSPAN_EXCEPTION)

// Numba would print what was raised and carry on; here the failure above is all that is left of it.
PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(PyErr_Clear)(void) {}

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(PyErr_WriteUnraisable)(void* object) {
    (void)object;
    portspan_fail("SystemError: the callback failed without an exception");
}

PORTSPAN_HIDDEN void* PORTSPAN_PRIVATE(PyUnicode_FromString)(const char* text) {
    (void)text;
    return NULL;
}

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(Py_IncRef)(void* object) { (void)object; }

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(Py_DecRef)(void* object) { (void)object; }

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(numba_gil_ensure)(void* state) { (void)state; }

PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(numba_gil_release)(void* state) { (void)state; }

#endif

#if PORTSPAN_CALLBACK_HELPERS

// Every argument below has its function's own type: C++ has overloads of other names for the rest.
#include <math.h>

// Numba's own names for mathematics of the C library.
#define PORTSPAN_UNARY(name, function)                                              \
    PORTSPAN_HIDDEN double PORTSPAN_PRIVATE(name)(double x) { return function(x); } \
    PORTSPAN_HIDDEN float PORTSPAN_PRIVATE(name##f)(float x) { return function##f(x); }
#define PORTSPAN_BINARY(name, function)                                                          \
    PORTSPAN_HIDDEN double PORTSPAN_PRIVATE(name)(double x, double y) { return function(x, y); } \
    PORTSPAN_HIDDEN float PORTSPAN_PRIVATE(name##f)(float x, float y) { return function##f(x, y); }

PORTSPAN_UNARY(numba_gamma, tgamma)
PORTSPAN_UNARY(numba_lgamma, lgamma)
PORTSPAN_UNARY(numba_erf, erf)
PORTSPAN_UNARY(numba_erfc, erfc)
PORTSPAN_UNARY(npy_exp2, exp2)
PORTSPAN_UNARY(npy_log2, log2)
PORTSPAN_BINARY(npy_nextafter, nextafter)
PORTSPAN_BINARY(numba_fixed_fmod, fmod)

#define PORTSPAN_HELPERS(type, suffix)                                                        \
    PORTSPAN_HIDDEN type PORTSPAN_PRIVATE(npy_modf##suffix)(type x, type * whole) {           \
        return modf##suffix(x, whole);                                                        \
    }                                                                                         \
    PORTSPAN_HIDDEN type PORTSPAN_PRIVATE(npy_spacing##suffix)(type x) {                      \
        return nextafter##suffix(x, (type)(x < 0 ? -HUGE_VAL : HUGE_VAL)) - x;                \
    }                                                                                         \
    PORTSPAN_HIDDEN type PORTSPAN_PRIVATE(npy_logaddexp##suffix)(type x, type y) {            \
        if (x == y) return x + log##suffix((type)2);                                          \
        return x > y ? x + log1p##suffix(exp##suffix(y - x))                                  \
                     : y + log1p##suffix(exp##suffix(x - y));                                 \
    }                                                                                         \
    PORTSPAN_HIDDEN type PORTSPAN_PRIVATE(npy_logaddexp2##suffix)(type x, type y) {           \
        const type base = 1 / log##suffix((type)2);                                           \
        if (x == y) return x + 1;                                                             \
        return x > y ? x + base * log1p##suffix(exp2##suffix(y - x))                          \
                     : y + base * log1p##suffix(exp2##suffix(x - y));                         \
    }                                                                                         \
    PORTSPAN_HIDDEN type PORTSPAN_PRIVATE(numba_frexp##suffix)(type x, int* exponent) {       \
        *exponent = 0;                                                                        \
        return x == 0 || x - x != 0 ? x : frexp##suffix(x, exponent);                         \
    }                                                                                         \
    PORTSPAN_HIDDEN type PORTSPAN_PRIVATE(numba_ldexp##suffix)(type x, int exponent) {        \
        return ldexp##suffix(x, exponent);                                                    \
    }                                                                                         \
    PORTSPAN_HIDDEN int PORTSPAN_PRIVATE(numba_signbit##suffix)(type x) {                     \
        return copysign##suffix((type)1, x) < 0;                                              \
    }                                                                                         \
    PORTSPAN_HIDDEN unsigned long long PORTSPAN_PRIVATE(numba_fptoui##suffix)(type x) {       \
        return (unsigned long long)(long long)x;                                              \
    }                                                                                         \
    PORTSPAN_HIDDEN void PORTSPAN_PRIVATE(numba_cpow##suffix)(const type* x, const type* y,   \
                                                              type* result) {                 \
        if (y[0] == 0 && y[1] == 0) {                                                         \
            result[0] = 1;                                                                    \
            result[1] = 0;                                                                    \
        } else if (x[0] == 0 && x[1] == 0) {                                                  \
            result[0] = result[1] = (type)(y[0] < 0 || y[1] != 0 ? HUGE_VAL - HUGE_VAL : 0);  \
        } else {                                                                              \
            const double real = x[0], imaginary = x[1], power = y[0], turn = y[1];            \
            const double radius = hypot(real, imaginary), direction = atan2(imaginary, real); \
            const double length = pow(radius, power) * exp(-direction * turn);                \
            const double angle = direction * power + turn * log(radius);                      \
            result[0] = (type)(length * cos(angle));                                          \
            result[1] = (type)(length * sin(angle));                                          \
        }                                                                                     \
    }

PORTSPAN_HELPERS(double, )
PORTSPAN_HELPERS(float, f)

#define PORTSPAN_MOST_DIMENSIONS 64

// Can an array be seen in another shape without a copy? Axes that lie behind one another are first
// merged into runs of evenly spaced items; each new axis then has to fall within one run. Fortran
// order is C order with the axes reversed.
PORTSPAN_HIDDEN int PORTSPAN_PRIVATE(numba_attempt_nocopy_reshape)(
    ptrdiff_t dimensions, const ptrdiff_t* shape, const ptrdiff_t* strides,
    ptrdiff_t new_dimensions, const ptrdiff_t* new_shape, ptrdiff_t* new_strides,
    ptrdiff_t item_size, int fortran) {
    ptrdiff_t length[PORTSPAN_MOST_DIMENSIONS], spacing[PORTSPAN_MOST_DIMENSIONS];
    ptrdiff_t runs = 0, run = 0, taken = 1, items = 1, new_items = 1, i;
    if (dimensions > PORTSPAN_MOST_DIMENSIONS) return 0;
    for (i = 0; i < dimensions; ++i) items *= shape[i];
    for (i = 0; i < new_dimensions; ++i) new_items *= new_shape[i];
    if (items != new_items) return 0;
    for (i = 0; i < dimensions; ++i) {
        const ptrdiff_t axis = fortran ? i : dimensions - 1 - i;
        if (shape[axis] == 1) continue;
        if (runs > 0 && strides[axis] == length[runs - 1] * spacing[runs - 1]) {
            length[runs - 1] *= shape[axis];
        } else {
            length[runs] = shape[axis];
            spacing[runs] = strides[axis];
            ++runs;
        }
    }
    for (i = 0; i < new_dimensions; ++i) {
        const ptrdiff_t axis = fortran ? i : new_dimensions - 1 - i;
        if (items == 0 || runs == 0) {
            new_strides[axis] = item_size;
            continue;
        }
        if (new_shape[axis] == 1) {
            const ptrdiff_t at = run < runs ? run : runs - 1;
            new_strides[axis] = spacing[at] * (run < runs ? taken : length[at]);
            continue;
        }
        if (run == runs || length[run] % (taken * new_shape[axis]) != 0) return 0;
        new_strides[axis] = spacing[run] * taken;
        taken *= new_shape[axis];
        if (taken == length[run]) {
            ++run;
            taken = 1;
        }
    }
    return 1;
}

#endif

#if PORTSPAN_GUARDED

int PORTSPAN_CALLBACK(const void* input, void* output, unsigned long frames, const void* time,
                      unsigned long status, void* state) {
    enum { abort_stream = 2 };
    struct portspan_call call;
    int result = abort_stream;
#if PORTSPAN_CALLBACK_ALLOCATES
    int arena = 0;
    size_t misaligned;
#endif
#if PORTSPAN_CALLBACK_CHECKS_CPU
    if (portspan_unfit != NULL) {
        portspan_publish(portspan_unfit);
        return abort_stream;
    }
#endif
#if PORTSPAN_CALLBACK_NEEDS_STATE
    if (state == NULL) {
        portspan_publish(portspan_stateless);
        return abort_stream;
    }
#endif
    call.failure = NULL;
#if PORTSPAN_CALLBACK_RAISES
    call.message = NULL;
    call.place = 0;
#endif
#if PORTSPAN_CALLBACK_ALLOCATES
    while (!PORTSPAN_TAKE(&portspan_taken[arena])) {
        if (++arena == PORTSPAN_ARENAS) {
            portspan_publish("MemoryError: more than " PORTSPAN_TEXT(
                PORTSPAN_ARENAS) " calls of the callback at once");
            return abort_stream;
        }
    }
    misaligned = (size_t)portspan_arenas[arena].bytes % PORTSPAN_ALIGNMENT;
    call.arena =
        portspan_arenas[arena].bytes + (PORTSPAN_ALIGNMENT - misaligned) % PORTSPAN_ALIGNMENT;
    call.used = 0;
    call.last = PORTSPAN_NONE;
#endif
    portspan_current = &call;
#if PORTSPAN_CALLBACK_ALLOCATES
    // The plain setjmp of some systems saves the signal mask with a system call.
#if defined(__APPLE__)
    if (_setjmp(call.out) == 0)
#else
    if (setjmp(call.out) == 0)
#endif
#endif
        result =
            PORTSPAN_PRIVATE(compiled)(input, output, frames, time, status, PORTSPAN_STATE(state));
    portspan_current = NULL;
#if PORTSPAN_CALLBACK_ALLOCATES
    PORTSPAN_GIVE(&portspan_taken[arena]);
#endif
    if (call.failure == NULL) return result;
#if PORTSPAN_CALLBACK_RAISES
    portspan_publish(portspan_reason(&call));
#else
    portspan_publish(call.failure);
#endif
    return abort_stream;
}

#elif !PORTSPAN_CALLBACK_BARE

int PORTSPAN_CALLBACK(const void* input, void* output, unsigned long frames, const void* time,
                      unsigned long status, void* state) {
    enum { abort_stream = 2 };
#if PORTSPAN_CALLBACK_CHECKS_CPU
    if (portspan_unfit != NULL) {
        portspan_publish(portspan_unfit);
        return abort_stream;
    }
#endif
#if PORTSPAN_CALLBACK_NEEDS_STATE
    if (state == NULL) {
        portspan_publish(portspan_stateless);
        return abort_stream;
    }
#endif
    return PORTSPAN_PRIVATE(compiled)(input, output, frames, time, status, PORTSPAN_STATE(state));
}

#endif

#if PORTSPAN_CALLBACK_OWN_STATE
// In the compiled code.
extern PORTSPAN_HIDDEN unsigned char PORTSPAN_PRIVATE(own_state)[];
#endif

#if PORTSPAN_CALLBACK_ALLOCATES || PORTSPAN_CALLBACK_CHECKS_CPU || PORTSPAN_CALLBACK_OWN_STATE || \
    (!PORTSPAN_CALLBACK_BARE && PORTSPAN_CALLBACK_STATE_SIZE)

// The first call on the audio thread shall find its pages in memory.
static void portspan_touch(volatile unsigned char* bytes, size_t size) {
    size_t i;
    for (i = 0; i < size; i += 4096) bytes[i] = bytes[i];
    bytes[size - 1] = bytes[size - 1];
}

#if defined(_MSC_VER) && !defined(__clang__)
static void portspan_prepare(void);
#pragma section(".CRT$XCU", read)
__declspec(allocate(".CRT$XCU")) void (*PORTSPAN_PRIVATE(prepare))(void) = portspan_prepare;
static void portspan_prepare(void) {
#else
__attribute__((constructor)) static void portspan_prepare(void) {
#endif
#if PORTSPAN_CALLBACK_CHECKS_CPU
    portspan_unfit = portspan_find_unfit();
#endif
#if PORTSPAN_CALLBACK_ALLOCATES
    portspan_touch(portspan_arenas[0].bytes, sizeof portspan_arenas[0].bytes);
#endif
#if !PORTSPAN_CALLBACK_BARE && PORTSPAN_CALLBACK_STATE_SIZE
    portspan_touch(portspan_default_state.bytes, sizeof portspan_default_state.bytes);
#endif
#if PORTSPAN_CALLBACK_OWN_STATE
    portspan_touch(PORTSPAN_PRIVATE(own_state), PORTSPAN_CALLBACK_OWN_STATE);
#endif
}

#endif

#ifdef __cplusplus
}
#endif
