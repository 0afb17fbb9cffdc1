"""A plugin of protoc, and so of buf, that does what `python -m grpc_tools.protoc` does.

grpcio-tools has the generators for messages and their type stubs inside of its own protoc. This passes them what buf
has compiled, so that buf remains the one compiler of the protocol. There are no stubs of services: the client passes
bytes to gRPC, and names methods by their paths.
"""

import sys
import tempfile
from pathlib import Path

from google.protobuf.compiler import plugin_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

# Modules are generated into src/playhead/v1, where their own imports (playhead.v1.*) look for them.
PACKAGE = "playhead/v1"


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
        outs = [f"--{kind}_out={out}" for kind in ("python", "pyi")]
        arguments = ["protoc", f"--descriptor_set_in={descriptors}", *outs]
        if protoc.main([*arguments, *request.file_to_generate]) != 0:
            response.error = "grpc_tools.protoc failed"
            return response
        package = out / PACKAGE
        for path in sorted(package.iterdir()):
            response.file.add(name=path.name, content=path.read_text())
    response.file.add(name="__init__.py", content='"""The protocol, generated from `proto/`."""\n')
    return response


if __name__ == "__main__":
    asked = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(asked).SerializeToString())
