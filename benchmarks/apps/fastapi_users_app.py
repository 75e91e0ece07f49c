"""The page behind fastapi-users: the full example of its documentation, with sessions in the database and a cookie."""

import asyncio
import os
import uuid
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.templating import Jinja2Templates
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin
from fastapi_users.authentication import AuthenticationBackend, CookieTransport
from fastapi_users.authentication.strategy.db import AccessTokenDatabase, DatabaseStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users_db_sqlalchemy.access_token import SQLAlchemyAccessTokenDatabase, SQLAlchemyBaseAccessTokenTableUUID
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    name: Mapped[str]


class AccessToken(SQLAlchemyBaseAccessTokenTableUUID, Base):
    pass


engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ['BENCHMARK_DATABASE']}")
async_session_maker = async_sessionmaker(engine, expire_on_commit=False)


async def get_async_session() -> AsyncGenerator[AsyncSession, None]:
    async with async_session_maker() as session:
        yield session


async def get_user_db(session: AsyncSession = Depends(get_async_session)) -> AsyncGenerator[Any, None]:  # noqa: B008
    yield SQLAlchemyUserDatabase(session, User)


async def get_access_token_db(
    session: AsyncSession = Depends(get_async_session),  # noqa: B008
) -> AsyncGenerator[Any, None]:
    yield SQLAlchemyAccessTokenDatabase(session, AccessToken)


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    pass


async def get_user_manager(user_db: Any = Depends(get_user_db)) -> AsyncGenerator[UserManager, None]:  # noqa: B008
    yield UserManager(user_db)


def get_database_strategy(
    access_token_db: AccessTokenDatabase[AccessToken] = Depends(get_access_token_db),  # noqa: B008
) -> DatabaseStrategy:
    return DatabaseStrategy(access_token_db, lifetime_seconds=3600)


auth_backend = AuthenticationBackend(
    name="database",
    transport=CookieTransport(cookie_max_age=3600, cookie_secure=False),
    get_strategy=get_database_strategy,
)
fastapi_users = FastAPIUsers[User, uuid.UUID](get_user_manager, [auth_backend])
current_active_user = fastapi_users.current_user(active=True)
templates = Jinja2Templates(directory=Path(__file__).with_name("templates"))

app = FastAPI()


@app.get("/login")
async def login(
    strategy: Any = Depends(get_database_strategy),  # noqa: B008
    user_db: Any = Depends(get_user_db),  # noqa: B008
) -> Any:
    return await auth_backend.login(strategy, await user_db.get_by_email("alice@example.org"))


@app.get("/page")
async def page(request: Request, user: User = Depends(current_active_user)) -> Any:  # noqa: B008
    return templates.TemplateResponse(request, "page.html", {"name": user.name})


def create_database() -> None:
    """Create the user; the benchmark calls this before the server starts."""

    async def create() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with async_session_maker.begin() as session:
            session.add(User(email="alice@example.org", hashed_password="x", name="alice"))

    asyncio.run(create())
