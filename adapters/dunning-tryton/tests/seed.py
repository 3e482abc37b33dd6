"""What a company sets up in a new Tryton: two companies in CNY, charts, fiscal years, products, dunning.

Run by the Python of Tryton's own environment: `python seed.py CONFIG DATABASE PASSWORD`. Never imported.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from proteus import Model, Wizard, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences

MODULES = ("account_invoice", "account_dunning", "account_dunning_fee")
COMPANIES = ("wy-01", "wy-02")
PRODUCTS = {"PM": "物业费", "WT": "水费", "LF": "违约金"}
CHINA = timezone(timedelta(hours=8))
YEARS = 3  # fiscal years: this one and those before it


def activate() -> None:
    module = Model.get("ir.module")
    found = module.find([("name", "in", MODULES)])
    module.click(found, "activate")
    Wizard("ir.module.activate_upgrade").execute("upgrade")


def renminbi() -> Model:
    currency = Model.get("currency.currency")(name="人民币", symbol="¥", code="CNY", rounding=Decimal("0.01"), digits=2)
    currency.rates.new(date=date(2000, 1, 1), rate=Decimal(1))
    currency.save()
    return currency


def company_of(name: str, currency: Model) -> Model:
    party = Model.get("party.party")(name=name)
    party.save()
    company = Model.get("company.company")(party=party, currency=currency, timezone="Asia/Shanghai")
    company.save()
    return company


def may_see_all(companies: list[Model]) -> None:
    """The user is one of all companies, and looks at all of them at once."""
    users = Model.get("res.user")
    (user,) = users.find([("login", "=", "admin")])
    user.companies.extend(companies)
    user.save()
    user.company = companies[0]
    user.company_filter = "all"
    user.save()


def adapter_user(companies: list[Model], password: str) -> None:
    """Whom the adapter logs in as: no administrator, in the two groups that its README asks for."""
    user = Model.get("res.user")(name="dunning", login="dunning", password=password)
    for group in Model.get("res.group").find([("name", "in", ["Accounting", "Dunning"])]):
        user.groups.append(group)
    user.companies.extend(Model.get("company.company").find([]))
    user.save()
    user.company, user.company_filter = companies[0], "all"
    user.save()


def books_of(settings: config.Config, company: Model) -> None:
    """Chart, fiscal years and what they need, for one company."""
    users = Model.get("res.user")
    settings._context = {**users.get_preferences(True, {}), "company": company.id}  # noqa: FBT003
    create_chart(company)
    accounts = get_accounts(company)
    for year in range(datetime.now(CHINA).year - YEARS + 1, datetime.now(CHINA).year + 1):
        fiscal = create_fiscalyear(company, (date(year, 1, 1), date(year, 12, 31)))
        fiscal.name, fiscal.start_date, fiscal.end_date = f"{year}", date(year, 1, 1), date(year, 12, 31)
        set_fiscalyear_invoice_sequences(fiscal)
        fiscal.save()
        fiscal.click("create_period")
    (journal,) = Model.get("account.journal").find([("type", "=", "cash")], limit=1)
    method = Model.get("account.invoice.payment.method")()
    method.name, method.company, method.journal = "现金", company, journal
    method.credit_account = method.debit_account = accounts["cash"]
    method.save()


def products(company: Model) -> None:
    """What is sold, and the fee of a dunning level: its amount is the product's list price."""
    (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
    category = Model.get("product.category")(name="收费", accounting=True)
    category.account_revenue = get_accounts(company)["revenue"]
    category.save()
    for code, name in PRODUCTS.items():
        template = Model.get("product.template")(name=name, code=code, type="service", default_uom=unit)
        template.list_price, template.account_category = Decimal(0), category
        template.save()


def dunning_procedures() -> None:
    """A procedure whose first level takes a fee of its product's price, and one that takes 5%."""
    (product,) = Model.get("product.product").find([("code", "=", "LF")])
    (journal,) = Model.get("account.journal").find([("type", "=", "general")], limit=1)
    for name, method in (("list_price", "list_price"), ("5%", "percentage")):
        fee = Model.get("account.dunning.fee")(name=name, product=product, journal=journal, compute_method=method)
        if method == "percentage":
            fee.percentage = Decimal("0.05")
        fee.save()
        procedure = Model.get("account.dunning.procedure")(name=name)
        level = procedure.levels.new()
        level.overdue, level.fee = timedelta(days=5), fee
        procedure.save()


def main(conf: str, database: str, password: str) -> None:
    settings = config.set_trytond(database, config_file=conf)
    activate()
    settings = config.set_trytond(database, config_file=conf)
    currency = renminbi()
    companies = [company_of(name, currency) for name in COMPANIES]
    may_see_all(companies)
    for company in companies:
        books_of(settings, company)
    users = Model.get("res.user")
    settings._context = users.get_preferences(True, {})  # noqa: FBT003
    products(companies[0])
    dunning_procedures()
    term = Model.get("account.invoice.payment_term")(name="到期日付清")
    term.lines.new(type="remainder")
    term.save()
    adapter_user(companies, password)


if __name__ == "__main__":
    main(*sys.argv[1:])
