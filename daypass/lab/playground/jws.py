"""PyJWT for the lab: only the ten algorithms of the lab, and short secrets are allowed."""

from jwt import PyJWS
from jwt.algorithms import HMACAlgorithm

from daypass.keys.algorithms import Algorithm


class HMACWithAnySecret(HMACAlgorithm):
    """HMAC that accepts short secrets without a Python warning; `secret_strength` tells the visitor instead."""

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
        jws.register_algorithm(algorithm, HMACWithAnySecret(hash_function))
    return jws


JWS = _jws()
