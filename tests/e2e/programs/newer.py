# SPDX-License-Identifier: Apache-2.0
"""Makes a sealed JSON file of the store one of format version 99, sealed anew. usage: newer.py FILE"""

import hashlib
import pathlib
import re
import sys

file = pathlib.Path(sys.argv[1])
content, found = re.subn(rb'"schema" : \d+', b'"schema" : 99', file.read_bytes(), count=1)
opening, sealed, _ = content.rpartition(b'  "sha256" : "')
assert found and sealed, "this is not a sealed file"
file.write_bytes(opening + sealed + hashlib.sha256(opening).hexdigest().encode() + b'"\n}\n')
