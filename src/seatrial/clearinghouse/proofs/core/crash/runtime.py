"""Frames that say nothing of the target: of the sanitizers, the C and C++ libraries, fuzzers' drivers and languages.

The tables are data. A frame is dropped by its name, the start of its name, a part of its file's path, or its module.
When dropping would leave nothing, the stack stays as it was: a crash wholly inside a library is still a crash
somewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.clearinghouse.proofs.types import Frame

_LIBRARY = """
    malloc calloc realloc reallocarray free cfree memalign aligned_alloc posix_memalign valloc pvalloc strdup
    strndup malloc_usable_size memcpy memmove memset memcmp memchr memrchr mempcpy memccpy memmem bcmp bcopy
    bzero strlen strnlen strcpy strncpy stpcpy strcat strncat strcmp strncmp strcasecmp strncasecmp strchr
    strrchr strstr strcasestr strspn strcspn strpbrk strtok strtok_r strtol strtoul strtoll strtoull strtod atoi
    atol atoll atof wcslen wcscpy wcsncpy wmemcpy printf fprintf sprintf snprintf vprintf vfprintf vsprintf
    vsnprintf scanf sscanf fscanf vsscanf puts fputs fwrite fread read write pread pwrite recv send readv writev
    fgets getline getdelim qsort qsort_r bsearch abort raise kill tgkill gsignal exit _exit _start start_thread
    clone clone3 thread_start pthread_create pthread_kill pthread_kill_implementation
    __pthread_kill_implementation __pthread_kill_internal __pthread_kill __libc_start_main
    __libc_start_call_main __libc_start_main_impl __libc_message __assert_fail __assert_fail_base __assert
    __assert_perror_fail __stack_chk_fail __fortify_fail __chk_fail __restore_rt __sigaction __run_exit_handlers
    __cxa_throw __cxa_rethrow __cxa_finalize __GI_raise __GI_abort __GI___assert_fail malloc_printerr
    malloc_consolidate _int_malloc _int_free _int_realloc __libc_malloc __libc_free __libc_calloc __libc_realloc
    unlink_chunk sysmalloc tcache_thread_shutdown exit_handlers siglongjmp longjmp _Unwind_Resume
    _Unwind_RaiseException __rust_alloc __rust_dealloc __rust_realloc rust_begin_unwind rust_panic
    rust_eh_personality AFL_init main_trampoline
"""
_OPERATORS = ("operator new", "operator new[]", "operator delete", "operator delete[]")
NAMES = frozenset({*_LIBRARY.split(), *_OPERATORS, "(unknown)", "<unknown>", "??"})

STARTS = (
    *("__asan", "__msan", "__tsan", "__lsan", "__ubsan", "__hwasan", "__sanitizer", "__interceptor", "__interception"),
    *("fuzzer::", "__afl", "afl_", "__cxxabiv1::", "std::", "__gnu_cxx::", "__gnu_debug::", "__gthread"),
    *(
        "core::panicking",
        "core::ops::function",
        "core::result::unwrap_failed",
        "core::option::expect",
        "core::option::unwrap",
    ),
    *("core::slice::index", "core::str::slice_error", "core::fmt", "alloc::", "__rustc::", "__rust_", "rust_begin"),
    *("__mem", "__str", "__stpcpy", "__wcs", "_IO_", "__vfprintf", "__printf", "__GI_", "__libc_", "__dl_", "_dl_"),
    *("runtime.", "runtime/debug.", "testing.", "reflect.Value.call", "panic(", "java.", "javax.", "jdk.", "sun."),
    *("com.code_intelligence.jazzer",),
)
"""``std::`` in C++ is the library's own templates; a target's code in them stands in the next frame."""

FILES = (
    *(
        "libsanitizer/",
        "compiler-rt/",
        "sanitizer_common/",
        "/asan/asan_",
        "/fuzzer/Fuzzer",
        "include/c++/",
        "/bits/stl_",
    ),
    *(
        "/sysdeps/",
        "/nptl/",
        "/csu/libc-start",
        "/glibc-",
        "/stdlib/abort",
        "/rustc/",
        "/lib/rustlib/",
        "library/std/src",
    ),
    *("library/core/src", "node:", "internal/modules/", "<frozen ", "/usr/local/go/src/runtime/", "/go/src/runtime/"),
    *("/usr/lib/go-", "/src/runtime/panic.go"),
)

MODULES = (
    *(
        "libc.so",
        "libc-2.",
        "libc.musl",
        "ld-linux",
        "ld-musl",
        "ld-2.",
        "libpthread",
        "libstdc++",
        "libc++",
        "libm.so",
    ),
    *("libgcc_s", "libasan", "libubsan", "libtsan", "liblsan", "libmsan", "libclang_rt", "linux-vdso", "[vdso]"),
    *("libdl.so", "librt.so"),
)


def own(frames: Sequence[tuple[Frame, str]]) -> tuple[Frame, ...]:
    """Of frames with the paths of their files uncut, those of the target itself; all, where none would be left.

    A fuzzer's driver calls the target: what lies further out than its first frame is dropped with it.
    """
    kept: list[Frame] = []
    for frame, path in frames:
        if frame.function.startswith("fuzzer::"):
            if kept:
                break
            continue
        if not foreign(frame, path):
            kept.append(frame)
    return tuple(kept or [frame for frame, _ in frames])


def foreign(frame: Frame, path: str) -> bool:
    name = frame.function
    if name in NAMES or name.startswith(STARTS):
        return True
    if path and any(part in path for part in FILES):
        return True
    module = frame.module.rpartition("/")[2]
    return bool(module) and module.startswith(MODULES)
