"""PyJWT as the lab uses it: its ten algorithms and no other, and a short secret is a lesson rather than a warning."""

from jwt import PyJWS
from jwt.algorithms import HMACAlgorithm

from daypass.keys.algorithms import Algorithm


class AnySecret(HMACAlgorithm):
    """HMAC that says nothing about a short secret: `material.warning` does, to the one who typed it."""

    def check_key_length(self, key: bytes) -> str | None:
        return None


def _jws() -> PyJWS:
    hashes = {
        Algorithm.HS256: HMACAlgorithm.SHA256,
        Algorithm.HS384: HMACAlgorithm.SHA384,
        Algorithm.HS512: HMACAlgorithm.SHA512,
    }
    jws = PyJWS(algorithms=list(Algorithm))
    for algorithm, hash_function in hashes.items():
        jws.unregister_algorithm(algorithm)
        jws.register_algorithm(algorithm, AnySecret(hash_function))
    return jws


JWS = _jws()
