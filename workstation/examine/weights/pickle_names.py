"""What a name looked up by a pickle can do: an allow-list decides, the deny-list only says how bad.

A pickle may call whatever it can name, so a name is harmless only when it is on the list of things that
rebuild plain data. Everything else needs a person, and names that run code, start programs, or reach files
and the network are dangerous whatever they are called with.
"""

import _compat_pickle
from enum import IntEnum

from workstation.examine.weights.words import words


class Reach(IntEnum):
    """How far a looked-up name reaches; higher is worse."""

    HARMLESS = 0  # rebuilds plain data
    UNLISTED = 1  # nobody vouched for it: a person must decide
    CARRIER = 2  # builds functions from code kept in the pickle, without calling them
    ENABLING = 3  # hands out modules or attributes, the means to run anything
    DANGEROUS = 4  # runs code, starts programs, reaches files or the network


_HARMLESS: dict[str, frozenset[str]] = {
    "collections": frozenset({"OrderedDict", "defaultdict", "Counter", "deque"}),
    "builtins": frozenset(
        {"set", "frozenset", "bytearray", "bytes", "complex", "slice", "range", "object"}
        | {"int", "float", "bool", "str", "list", "tuple", "dict"}
    ),
    "copyreg": frozenset({"_reconstructor"}),
    "_codecs": frozenset({"encode"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "decimal": frozenset({"Decimal"}),
    "uuid": frozenset({"UUID", "SafeUUID"}),
    "fractions": frozenset({"Fraction"}),
    "numpy": frozenset({"dtype", "ndarray"}),
    "numpy.core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy._core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy.core.numeric": frozenset({"_frombuffer"}),
    "numpy._core.numeric": frozenset({"_frombuffer"}),
    "joblib.numpy_pickle": frozenset({"NumpyArrayWrapper"}),
    "torch": frozenset(
        {
            f"{kind}Storage"
            for kind in ("Long", "Float", "Half", "Double", "BFloat16", "Bool", "Char", "Short")
        }
        | {f"{kind}Storage" for kind in ("Int", "Byte", "ComplexFloat", "ComplexDouble", "Untyped")}
        | {f"{kind}Storage" for kind in ("QUInt2x4", "QUInt4x2", "QInt32", "QInt8", "QUInt8")}
        | {f"float{kind}" for kind in ("16", "32", "64", "8_e4m3fn", "8_e5m2", "8_e4m3fnuz", "8_e5m2fnuz")}
        | {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
        | {"bfloat16", "bool", "complex64", "complex128", "half", "float", "double", "long", "int", "short"}
        | {"Size", "device", "dtype", "Tensor", "per_tensor_affine", "per_channel_affine"}
    ),
    "torch.storage": frozenset({"TypedStorage", "UntypedStorage"}),
    "torch.nn.parameter": frozenset({"Parameter", "Buffer"}),
    "torch._tensor": frozenset({"_rebuild_from_type_v2"}),
    "torch.serialization": frozenset({"_get_layout"}),
    # _rebuild_tensor is left out on purpose: no torch since 2018 writes it, so a person should look.
    "torch._utils": frozenset(
        {"_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter", "_rebuild_parameter_with_state"}
        | {"_rebuild_qtensor", "_rebuild_sparse_tensor", "_rebuild_meta_tensor_no_storage"}
        | {
            "_rebuild_nested_tensor",
            "_rebuild_device_tensor_from_numpy",
            "_rebuild_device_tensor_from_cpu_tensor",
        }
    ),
}

# Whole modules, with everything below them.
_DANGEROUS_MODULES = words(
    """
    os posix nt subprocess commands popen2 sys pty runpy code codeop bdb pdb cProfile profile trace
    timeit doctest pydoc venv ensurepip pip test webbrowser uuid shutil tempfile socket _socket ssl
    _ssl socketserver asyncio aiohttp requests httplib httplib2 httpx http urllib urllib2 urllib3
    ftplib telnetlib smtplib poplib imaplib nntplib xmlrpc xmlrpclib paramiko fabric ctypes _ctypes
    cffi _cffi_backend pickle _pickle cPickle pickletools shelve marshal imp zipimport
    multiprocessing _posixsubprocess concurrent threading _thread thread signal mmap fcntl distutils
    setuptools idlelib lib2to3 _osx_support _aix_support _pyrepl linecache fileinput compileall
    py_compile sqlite3 curses readline site sched atexit faulthandler crypt pexpect sh plumbum
    psutil numpy.f2py numpy.testing numpy.distutils numpy.ctypeslib numpy.lib.npyio
    numpy.lib._npyio_impl pandas.io pandas.core.computation scipy.io scipy.weave torch.hub
    torch.utils.cpp_extension torch.utils.bottleneck torch.utils.collect_env
    torch.utils._config_module torch._inductor torch._dynamo torch.fx.experimental torch.package
    torch.multiprocessing torch.distributed.rpc torch.jit.unsupported_tensor_ops
    torch.utils.data.datapipes torch.utils.model_zoo torch._ops torch.ops torch.classes
    torch.utils.file_baton tensorflow.python.platform tensorflow.python.lib.io
    keras.utils.data_utils tensorflow.io requests.api _signal select selectors _sqlite3 _imp syslog
    glob unittest filecmp platform tarfile zipfile _winapi winreg _winreg msvcrt netrc getpass nis
    torch.distributed.elastic Cython pyximport jinja2 mako IPython ipykernel nbformat invoke git
    boto3 botocore wandb mlflow
    """
)

_DANGEROUS_NAMES: dict[str, frozenset[str]] = {
    "builtins": frozenset(
        {"eval", "exec", "compile", "getattr", "apply", "open", "breakpoint", "execfile", "file"}
    ),
    "functools": frozenset({"partial", "partialmethod"}),
    "operator": frozenset({"attrgetter", "itemgetter", "methodcaller", "call"}),
    "_operator": frozenset({"attrgetter", "itemgetter", "methodcaller", "call"}),
    "types": frozenset({"CodeType"}),
    "logging": frozenset({"FileHandler"}),
    "logging.config": frozenset({"fileConfig", "dictConfig", "listen"}),
    "logging.handlers": frozenset({"RotatingFileHandler", "SocketHandler", "SMTPHandler", "HTTPHandler"}),
    "_io": frozenset({"FileIO", "open", "open_code"}),
    "io": frozenset({"FileIO", "open", "open_code"}),
    "codecs": frozenset({"open"}),
    "pkgutil": frozenset({"resolve_name"}),
    "cloudpickle.cloudpickle": frozenset(
        {
            "_builtin_type",
            "_make_function",
            "_function_setstate",
            "_make_cell",
            "_make_empty_cell",
            "subimport",
        }
        | {"dynamic_subimport", "_make_skeleton_func", "_fill_function", "load", "loads", "_make_skel_func"}
    ),
    "cloudpickle.cloudpickle_fast": frozenset({"_function_setstate", "load", "loads"}),
    "cloudpickle": frozenset({"load", "loads"}),
    "dill": frozenset({"load", "loads", "load_session", "load_module"}),
    "dill._dill": frozenset({"load", "loads", "_eval_repr", "load_session"}),
    "joblib": frozenset({"load"}),
    "joblib.numpy_pickle": frozenset({"load", "_unpickle"}),
    "numpy": frozenset(
        {"load", "fromfile", "loadtxt", "genfromtxt", "memmap", "save", "savetxt", "savez", "DataSource"}
    ),
    "pandas": frozenset({"read_pickle", "eval", "read_csv", "read_hdf", "read_json", "read_html"}),
    "torch": frozenset({"load", "save", "compile"}),
    "torch.serialization": frozenset({"load", "save", "_load", "_legacy_load"}),
    "torch.jit": frozenset({"load", "save"}),
    "torch.jit._serialization": frozenset({"load"}),
    "keras.models": frozenset({"load_model"}),
    "keras.saving": frozenset({"load_model"}),
    "tensorflow": frozenset({"load_op_library", "load_library"}),
    "yaml": frozenset({"load", "unsafe_load", "full_load", "load_all", "unsafe_load_all"}),
    "zipfile": frozenset({"ZipFile"}),
    "tarfile": frozenset({"TarFile", "open"}),
    "pathlib": frozenset(
        {"Path.write_text", "Path.write_bytes", "Path.unlink", "Path.open", "Path.read_text"}
    ),
}

_ENABLING_MODULES = frozenset(
    {"importlib", "_frozen_importlib", "_frozen_importlib_external", "inspect", "gc", "ast"}
)
_ENABLING_NAMES: dict[str, frozenset[str]] = {
    "builtins": frozenset(
        {
            "__import__",
            "globals",
            "locals",
            "vars",
            "setattr",
            "delattr",
            "input",
            "raw_input",
            "reload",
            "help",
        }
        | {
            "exit",
            "quit",
            "map",
            "filter",
            "reduce",
            "type",
            "super",
            "classmethod",
            "staticmethod",
            "property",
        }
        | {"__build_class__", "__loader__", "__spec__", "memoryview.__class__", "dir"}
    ),
    "functools": frozenset({"reduce", "_lru_cache_wrapper", "cached_property", "singledispatch"}),
    "itertools": frozenset({"starmap", "accumulate"}),
    "types": frozenset(
        {"FunctionType", "LambdaType", "MethodType", "ModuleType", "new_class", "DynamicClassAttribute"}
    ),
    "dill._dill": frozenset({"_import_module", "_get_attr", "_getattribute", "_setitems"}),
    "pkgutil": frozenset(
        {"get_loader", "get_importer", "find_loader", "get_data", "iter_modules", "walk_packages"}
    ),
    "codecs": frozenset({"register", "lookup", "register_error"}),
    "weakref": frozenset({"finalize"}),
    "contextlib": frozenset({"ExitStack", "contextmanager", "_GeneratorContextManager"}),
    "copyreg": frozenset({"add_extension", "pickle", "constructor"}),
    "typing": frozenset({"get_type_hints", "ForwardRef"}),
}
_ENABLING_NAMES["builtins"] -= {"type", "super", "property", "dir", "map", "filter"}

_CARRIERS: dict[str, frozenset[str]] = {
    "dill._dill": frozenset(
        {"_create_function", "_create_code", "_load_type", "_create_type", "_create_cell"}
    ),
    "dill": frozenset({"_create_function", "_create_code"}),
}
# Their result is a function of the pickle's own making: calling it runs the pickle's code.
FUNCTION_MAKERS = frozenset({("dill._dill", "_create_function"), ("dill", "_create_function")})
_ATTRIBUTE_DOORS = words(
    """
    __globals__ __builtins__ __class__ __bases__ __base__ __mro__ __subclasses__ __dict__ __init__
    __code__ __getattribute__ __reduce__ __reduce_ex__ __call__ __import__ __loader__ __closure__
    __func__ __self__ __setattr__ __new__ f_globals gi_frame
    """
)


def modern(module: str, name: str) -> tuple[str, str]:
    """The Python 3 name of what Python 2 and protocols 0 to 2 call otherwise."""
    renamed = _compat_pickle.NAME_MAPPING.get((module, name))
    if renamed:
        return renamed
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name


def reach(module: str, name: str) -> Reach:
    """How far a looked-up name reaches: the worst of its spellings; harmless if one is listed so."""
    typed, renamed = _reach(module, name), _reach(*modern(module, name))
    worst = max(typed, renamed)
    return worst if worst > Reach.UNLISTED else min(typed, renamed)


def _reach(module: str, name: str) -> Reach:
    if name in _HARMLESS.get(module, ()):
        return Reach.HARMLESS
    worst = Reach.UNLISTED
    parts = name.split(".")
    # A dotted name walks attributes: torch "serialization.os.system" reaches os although it starts in torch.
    for index in range(len(parts)):
        inner = parts[index]
        for base in {".".join([module, *parts[:index]]), ".".join(parts[:index]), module}:
            if base:
                worst = max(worst, _listed(base, ".".join(parts[index:])), _listed(base, inner))
        if index + 1 < len(parts) and _whole_module(inner):
            worst = Reach.DANGEROUS
    if len(parts) > 1 and _ATTRIBUTE_DOORS.intersection(parts):
        worst = max(worst, Reach.ENABLING)
    return worst


def _listed(module: str, name: str) -> Reach:
    if _whole_module(module) or name in _DANGEROUS_NAMES.get(module, ()):
        return Reach.DANGEROUS
    if module.partition(".")[0] in _ENABLING_MODULES or name in _ENABLING_NAMES.get(module, ()):
        return Reach.ENABLING
    if name in _CARRIERS.get(module, ()):
        return Reach.CARRIER
    return Reach.UNLISTED


def _whole_module(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[: index + 1]) in _DANGEROUS_MODULES for index in range(len(parts)))
