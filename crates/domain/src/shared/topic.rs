//! What facts are about, what can be chosen, and what is said in the same words every time. A new one asks
//! for its words in each language and, of a topic, for how a change of it counts; the compiler names what
//! is missing.

use super::words::words;

words! {
    /// What a fact is about.
    #[derive(Hash)]
    pub enum Topic {
        /// What only a later version can tell.
        Later = "later";
        /// A customer.
        Customer = "customer";
        /// The person or business that owes a loan.
        Borrower = "borrower";
        /// Whose account it is.
        Holder = "holder";
        /// The full name.
        Name = "name";
        /// Date of birth.
        DateOfBirth = "date_of_birth";
        /// Number of the national identity card.
        NationalId = "national_id";
        /// Number of the passport.
        Passport = "passport";
        /// Number of the alien card.
        AlienCard = "alien_card";
        /// Tax number.
        KraPin = "kra_pin";
        /// Mobile number.
        Phone = "phone";
        /// E-mail address.
        Email = "email";
        /// Where somebody lives.
        Address = "address";
        /// What somebody does for a living.
        Occupation = "occupation";
        /// Where the money comes from.
        SourceOfFunds = "source_of_funds";
        /// Whether somebody is a politically exposed person.
        PoliticallyExposed = "politically_exposed";
        /// Why a customer that looks like another is not the same.
        AnotherPersonBecause = "another_person_because";
        /// The risk rating.
        Risk = "risk";
        /// Somebody with the same document.
        SameDocument = "same_document";
        /// Somebody with the same tax number.
        SamePin = "same_pin";
        /// Somebody with the same mobile number.
        SamePhone = "same_phone";
        /// Somebody of the same name, born on the same day.
        SameNameAndBirth = "same_name_and_birth";
        /// A kind of account.
        AccountKind = "account_kind";
        /// The kind of an account that is asked for.
        AccountAskedFor = "account_asked_for";
        /// An account.
        Account = "account";
        /// What is paid in when an account is opened.
        OpeningDeposit = "opening_deposit";
        /// A loan.
        Loan = "loan";
        /// A loan product.
        Product = "product";
        /// An amount.
        Amount = "amount";
        /// The amount lent.
        AmountLent = "amount_lent";
        /// How many instalments, and of how much.
        Instalments = "instalments";
        /// The same, where the day of the first is not known yet.
        InstalmentsFromPayOut = "instalments_from_pay_out";
        /// The rate of interest.
        Interest = "interest";
        /// The account that a loan is paid into.
        PaidOutTo = "paid_out_to";
        /// What a loan is for.
        Purpose = "purpose";
        /// Whether a customer may be dealt with.
        Standing = "standing";
        /// Until when the customer's file is good.
        FileReview = "file_review";
        /// The age when the last instalment falls due.
        AgeAtEnd = "age_at_end";
        /// What is late on all loans of a customer.
        Arrears = "arrears";
        /// What a customer owes on all loans, with the one that is asked for.
        Exposure = "exposure";
        /// The fee for processing a loan.
        ProcessingFee = "processing_fee";
        /// The duty on a fee.
        ExciseDuty = "excise_duty";
        /// What arrives in the account.
        PaidIntoAccount = "paid_into_account";
        /// The first instalment.
        FirstInstalment = "first_instalment";
        /// The account a repayment is taken from.
        TakenFromAccount = "taken_from_account";
        /// Interest that was due.
        InterestDue = "interest_due";
        /// Principal that was due.
        PrincipalDue = "principal_due";
        /// Principal before it is due.
        PrincipalInAdvance = "principal_in_advance";
        /// Interest of the days until today, before it is due.
        InterestUpToToday = "interest_up_to_today";
        /// Fees of a loan that a payment pays.
        FeesPaid = "fees_paid";
        /// Penalties of a loan that a payment pays.
        PenaltiesPaid = "penalties_paid";
        /// Tax on fees and penalties that a payment pays.
        TaxPaid = "tax_paid";
        /// What a payment brings and nothing asks for.
        PaidTooMuch = "paid_too_much";
        /// The principal that is left.
        PrincipalOwedAfterwards = "principal_owed_afterwards";
        /// The instalment that comes next.
        NextInstalment = "next_instalment";
        /// What a journal is for.
        Narrative = "narrative";
        /// A debit line.
        Debit = "debit";
        /// A credit line.
        Credit = "credit";
        /// Number of a branch.
        BranchNumber = "branch_number";
        /// Code of a branch.
        BranchCode = "branch_code";
        /// Name of a branch.
        BranchName = "branch_name";
        /// When a branch opens.
        Opens = "opens";
        /// The books of a branch.
        Books = "books";
        /// A day of the calendar.
        Day = "day";
        /// What a day becomes.
        Becomes = "becomes";
        /// The branch a change is for.
        AppliesTo = "applies_to";
        /// A person on the staff.
        Person = "person";
        /// The roles of a person who has none.
        Roles = "roles";
        /// What a temporary password is good for.
        TemporaryPassword = "temporary_password";
        /// A role that ends.
        NoLonger = "no_longer";
        /// What changes at once.
        FromNowOn = "from_now_on";
        /// What becomes of sessions.
        Sessions = "sessions";
        /// A role that is held.
        Holds = "holds";
        /// A role that is given.
        Role = "role";
        /// The first day of a role.
        FirstDay = "first_day";
        /// The last day of a role.
        LastDay = "last_day";
        /// The amount up to which somebody decides.
        Limit = "limit";
        /// From when a parameter counts.
        CountsFrom = "counts_from";
        /// A value of a parameter.
        Setting = "setting";
        /// Why: the operation always needs two.
        AlwaysTwo = "always_two";
        /// Why: the risk is high.
        RiskIsHigh = "risk_is_high";
        /// Why: a reason of a high risk.
        RiskFactor = "risk_factor";
        /// Why: the deposit is high.
        DepositIsHigh = "deposit_is_high";
        /// Why: there is one already.
        HasOneAlready = "has_one_already";
        /// Why: somebody could sign in again.
        CouldSignIn = "could_sign_in";
        /// Why: whoever holds the password can act as somebody.
        CouldActAs = "could_act_as";
        /// Why: somebody gets a role.
        GetsRole = "gets_role";
        /// Why: a limit rises.
        LimitRises = "limit_rises";
        /// Why: somebody holds a role for longer.
        HoldsLonger = "holds_longer";
        /// Why: a control becomes looser.
        BecomesLooser = "becomes_looser";
        /// A kind of account is open.
        AccountOpened = "account_opened";
        /// A loan was paid out.
        LoanPaidOut = "loan_paid_out";
        /// A repayment was taken.
        RepaymentTaken = "repayment_taken";
        /// A loan is paid off.
        LoanPaidOff = "loan_paid_off";
    }
}

words! {
    /// The lists from which a value can be chosen.
    #[derive(Hash)]
    pub enum ChoiceList {
        /// Kinds of accounts.
        AccountKind = "account_kind";
        /// Bands of risk.
        RiskBand = "risk_band";
        /// Sources of funds.
        SourceOfFunds = "source_of_funds";
        /// Yes or no.
        PoliticallyExposed = "politically_exposed";
        /// How often a loan is paid.
        RepaymentFrequency = "repayment_frequency";
    }
}

words! {
    /// What is said in the same words every time.
    #[derive(Hash)]
    pub enum Saying {
        /// No block on a customer.
        NoBlock = "no_block";
        /// A customer is blocked.
        Blocked = "blocked";
        /// The sum cannot be reckoned: it is more than the books hold.
        TooLarge = "too_large";
        /// The last instalment is paid.
        PaidOff = "paid_off";
        /// The day a request is approved.
        WhenApproved = "when_approved";
        /// The business date of that day.
        BusinessDateWhenApproved = "business_date_when_approved";
        /// The day a change is done.
        WhenDone = "when_done";
        /// The chart of accounts, every balance zero.
        EmptyBooks = "empty_books";
        /// A working day.
        WorkingDay = "working_day";
        /// All branches.
        WholeBank = "whole_bank";
        /// No role yet.
        NoneYet = "none_yet";
        /// Comes with the first role.
        WithFirstRole = "with_first_role";
        /// Can do nothing.
        CanDoNothing = "can_do_nothing";
        /// Can sign in.
        CanSignIn = "can_sign_in";
        /// At once.
        EndAtOnce = "end_at_once";
        /// No last day.
        Open = "open";
        /// No limit is set.
        NoLimit = "no_limit";
        /// Nothing.
        Nothing = "nothing";
        /// A loan needs two.
        ALoan = "a_loan";
        /// A pay-out needs two.
        APayOut = "a_pay_out";
        /// A journal needs two.
        AJournal = "a_journal";
        /// A branch needs two.
        ABranch = "a_branch";
    }
}
