#!/usr/bin/env bash
# Makes src/generated/java from proto/. Needs Maven, and npm ci in the root of the project for buf.
set -euo pipefail
cd "$(dirname "$0")"
mvn -q -B dependency:copy@protoc
chmod +x target/protoc/protoc target/protoc/protoc-gen-grpc-java
cd ../..
npx buf generate --template clients/java/buf.gen.yaml
