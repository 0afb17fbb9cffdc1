"""A plugin of protoc, and so of buf, that does what `python -m grpc_tools.protoc` does.

grpcio-tools has the generators for messages, their type stubs, and stubs of services inside of its own protoc; the
types of the latter are mypy-protobuf's. This passes them what buf has compiled, so that buf remains the one compiler of
the protocol. The client has no use for stubs of services, which encode and decode each message: it passes bytes to
gRPC, and names methods by their paths. They are for programs that speak the protocol themselves.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from google.protobuf.compiler import plugin_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

# Modules are generated into src/playhead/v1, where their own imports (playhead.v1.*) look for them.
PACKAGE = "playhead/v1"
# The plugin of mypy-protobuf.
TYPES_OF_SERVICES = "mypy_grpc"


def plugin_option() -> str:
    """Where that plugin is: beside the Python that runs this."""
    name = f"protoc-gen-{TYPES_OF_SERVICES}"
    path = shutil.which(name, path=str(Path(sys.executable).parent))
    if path is None:
        raise FileNotFoundError(f"{name} is not beside {sys.executable}: requirements-dev.txt")
    return f"--plugin={name}={path}"


def escape_comments(path: Path) -> str:
    """The contents. Stubs of services quote comments of the protocol as they are, backslashes and all."""
    content = path.read_text()
    is_quoting = path.name.endswith("_pb2_grpc.py")
    return content.replace("\\", "\\\\") if is_quoting else content


def generate(request: plugin_pb2.CodeGeneratorRequest) -> plugin_pb2.CodeGeneratorResponse:
    """Generates the files that are asked for."""
    response = plugin_pb2.CodeGeneratorResponse()
    response.supported_features = plugin_pb2.CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        descriptors = directory / "image.binpb"
        descriptors.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
        out = directory / "out"
        out.mkdir()
        kinds = ("python", "pyi", "grpc_python", TYPES_OF_SERVICES)
        options = [f"--{kind}_out={out}" for kind in kinds]
        options += [plugin_option(), f"--{TYPES_OF_SERVICES}_opt=quiet"]
        arguments = ["protoc", f"--descriptor_set_in={descriptors}", *options]
        if protoc.main([*arguments, *request.file_to_generate]) != 0:
            response.error = "grpc_tools.protoc failed"
            return response
        without_services = {
            f"{Path(file.name).stem}_pb2_grpc" for file in request.proto_file if not file.service
        }
        for path in sorted((out / PACKAGE).iterdir()):
            if path.stem not in without_services:
                response.file.add(name=path.name, content=escape_comments(path))
    response.file.add(name="__init__.py", content='"""The protocol, generated from `proto/`."""\n')
    return response


if __name__ == "__main__":
    asked = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(asked).SerializeToString())
