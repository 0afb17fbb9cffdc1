package io.playhead.client;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * MD5 over values in order, as the writer and the readers of a channel compute it. Guarded by its
 * owner.
 */
final class Checksum {
  private final MessageDigest md5;

  Checksum() {
    try {
      md5 = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }

  void update(ByteString value) {
    md5.update(value.asReadOnlyByteBuffer());
  }

  /** Of what came so far, and of more behind it. */
  byte[] digest(List<ByteString> more) {
    try {
      MessageDigest copy = (MessageDigest) md5.clone();
      for (ByteString value : more) {
        copy.update(value.asReadOnlyByteBuffer());
      }
      return copy.digest();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the MD5 of this platform cannot be copied", e);
    }
  }

  /** Of what came so far; 32 hexadecimal digits. */
  String hex() {
    return HexFormat.of().formatHex(digest(List.of()));
  }
}
